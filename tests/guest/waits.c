// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "tests/guest/waits.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    kStorm = 3000,
    kOverrun = 40000,  // 16 MiB hold some 22000
    kLookMs = 10,
    kDay = 24 * 60 * 60,
};

static const char kDisk[] = "/sys/block/vda/uevent";
static const char kNewDisk[] = "@/devices/";
static const char kNewDiskEnd[] = "/block/vdb";

// In the process that is left behind; it ends by itself.
static int leave_behind(void) {
    pid_t child = fork();
    if (child != 0) return child;
    (void)setsid();
    (void)signal(SIGTERM, SIG_IGN);  // it must get to say what it saw
    return 0;
}

static void read_text(const char* path, char* text, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, text, size - 1);
    text[got > 0 ? got : 0] = '\0';
    if (fd >= 0) (void)close(fd);
}

static int is_waiting_mount(const char* pid) {
    char path[64], text[64];
    (void)snprintf(path, sizeof path, "/proc/%.16s/comm", pid);
    read_text(path, text, sizeof text);
    if (strcmp(text, "mount\n") != 0) return 0;
    (void)snprintf(path, sizeof path, "/proc/%.16s/wchan", pid);
    read_text(path, text, sizeof text);
    return strstr(text, "poll") != NULL;
}

// The child of the stage, once it waits for events.
static pid_t find_waiting_mount(void) {
    for (;; (void)poll(NULL, 0, kLookMs)) {
        DIR* directory = opendir("/proc");
        const struct dirent* entry;
        while (directory != NULL && (entry = readdir(directory)) != NULL) {
            if (!isdigit((unsigned char)entry->d_name[0]) || !is_waiting_mount(entry->d_name))
                continue;
            pid_t pid = (pid_t)atoi(entry->d_name);
            (void)closedir(directory);
            return pid;
        }
        if (directory != NULL) (void)closedir(directory);
    }
}

static void send_event(int fd) {
    if (pwrite(fd, "add", 3, 0) != 3) _exit(1);
}

// Device events that the socket of `mount` had no room for: the second last number of its line. Its
// port is the process's number. PID 1 has a smaller one, for keys alone, which may well overflow.
static long count_lost(pid_t mount) {
    char line[256];
    long lost = 0;
    FILE* file = fopen("/proc/net/netlink", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        int protocol = 0;
        long port = 0, drops = 0;
        // sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode
        if (sscanf(line, "%*s %d %ld %*s %*s %*s %*s %*s %ld", &protocol, &port, &drops) == 3 &&
            protocol == NETLINK_KOBJECT_UEVENT && port == mount)
            lost += drops;
    }
    if (file != NULL) (void)fclose(file);
    return lost;
}

static void tell(const char* what, long events, pid_t mount) {
    char line[128];
    int length = snprintf(line, sizeof line, "storm: %s, %ld events, %s\n", what, events,
                          count_lost(mount) > 0 ? "some lost" : "none lost");
    if (write(STDOUT_FILENO, line, (size_t)length) != length) _exit(1);
}

int storm_events(void) {
    pid_t child = leave_behind();
    if (child != 0) return child < 0 ? -1 : 0;
    int fd = open(kDisk, O_WRONLY | O_CLOEXEC);
    pid_t mount = find_waiting_mount();
    long events = 0;
    for (; events < kStorm || access("/sys/block/vdb", F_OK) != 0; events++) {
        if (events == kStorm / 2) tell("half over", events, mount);
        send_event(fd);
    }
    tell("over", kStorm, mount);
    _exit(0);
}

static int open_events(void) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    if (fd < 0 || bind(fd, (const struct sockaddr*)&address, sizeof address) != 0) _exit(1);
    return fd;
}

// "add@/devices/pci0000:00/…/block/vdb"
static void await_event_of_new_disk(int fd) {
    char message[8192];
    for (;;) {
        ssize_t size = recv(fd, message, sizeof message - 1, 0);
        message[size > 0 ? size : 0] = '\0';
        const char* end = strstr(message, kNewDiskEnd);
        if (strstr(message, kNewDisk) != NULL && end != NULL && end[sizeof kNewDiskEnd - 1] == '\0')
            return;
    }
}

int overrun_events(void) {
    pid_t child = leave_behind();
    if (child != 0) return child < 0 ? -1 : 0;
    int fd = open(kDisk, O_WRONLY | O_CLOEXEC);
    pid_t mount = find_waiting_mount();
    (void)kill(mount, SIGSTOP);
    for (long i = 0; i < kOverrun; i++) send_event(fd);
    int events = open_events();
    tell("held", kOverrun, mount);
    await_event_of_new_disk(events);
    (void)kill(mount, SIGCONT);
    _exit(0);
}

int move_clock(void) {
    pid_t child = leave_behind();
    if (child != 0) return child < 0 ? -1 : 0;
    pid_t mount = find_waiting_mount();
    long days = 0;
    for (; kill(mount, 0) == 0; days++) {
        struct timespec now;
        (void)clock_gettime(CLOCK_REALTIME, &now);
        now.tv_sec += days % 2 == 0 ? kDay : -kDay;
        if (clock_settime(CLOCK_REALTIME, &now) != 0) _exit(1);
        if (days == 0 && write(STDOUT_FILENO, "clock: moved\n", 13) != 13) _exit(1);
        (void)poll(NULL, 0, kLookMs);
    }
    _exit(0);
}
