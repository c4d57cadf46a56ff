// SPDX-License-Identifier: MIT
// The least that an init of this machine can do, as a measure for the others: it loads the modules
// /a.ko, /b.ko … in that order, mounts the disk that it was built for, and becomes the init on it.
// It looks for nothing, waits for nothing, checks nothing and frees nothing.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef ROOT
#define ROOT "/dev/vda"
#endif
#ifndef INIT
#define INIT "/sbin/init"
#endif

// Ends the machine: a floor that went another way is none.
_Noreturn static void give_up(const char* what) {
    (void)printf("floor: %s: %s\n", what, strerror(errno));
    (void)fflush(stdout);
    (void)reboot(RB_POWER_OFF);
    for (;;) (void)pause();
}

static void load_modules(void) {
    char path[] = "/a.ko";
    for (;; path[1]++) {
        const int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) return;
        if (syscall(SYS_finit_module, fd, "", 0) != 0) give_up(path);
        (void)close(fd);
    }
}

int main(void) {
    char* const argv[] = {INIT, NULL};
    char* const envp[] = {"HOME=/", "TERM=linux", NULL};
    if (mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) != 0) give_up("mount /dev");
    load_modules();
    if (mount(ROOT, "/newroot", "ext4", MS_RDONLY, NULL) != 0) give_up("mount " ROOT);
    if (mount("/dev", "/newroot/dev", NULL, MS_MOVE, NULL) != 0) give_up("move /dev");
    if (chdir("/newroot") != 0) give_up("chdir");
    if (mount(".", "/", NULL, MS_MOVE, NULL) != 0) give_up("move the root");
    if (chroot(".") != 0) give_up("chroot");
    (void)execve(argv[0], argv, envp);
    give_up(argv[0]);
}
