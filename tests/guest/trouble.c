// SPDX-License-Identifier: MIT
// Programs for the exec stage that disturb a boot. The name that it is started under says which. Some
// hold it up:
//   gate       says "gate: closed", waits for a line from the console, says "gate: open"
//   ticker [N] leaves a process behind that says "ticker: N s" N seconds later, 3 unless told
//   hog        touches all the memory that there is
//   stuck      reads the disk vdb past the page cache, again and again
// or disturb the wait of the mount that comes next (waits.h):
//   storm, overrun, clock
// or change a disk (grow.h):
//   btrfs-grow, btrfs-forget
// or are services (services.h), or do something to PID 1:
//   pid1-memory  leaves it no more memory than it has
//   pid1-kill    sends it every signal but that of Ctrl-Alt-Del
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/guest/grow.h"
#include "tests/guest/services.h"
#include "tests/guest/waits.h"

static void say(const char* text) {
    if (write(STDOUT_FILENO, text, strlen(text)) < 0) _exit(1);
}

static int run_gate(void) {
    char line[64];
    int console = open("/dev/console", O_RDONLY | O_NOCTTY);
    say("gate: closed\n");
    if (console < 0 || read(console, line, sizeof line) <= 0) return 1;
    say("gate: open\n");
    return 0;
}

static int run_ticker(const char* seconds) {
    enum { kMsOfSecond = 1000 };
    pid_t child = fork();
    if (child != 0) return child < 0;
    (void)setsid();
    // Time itself is what the test is about.
    (void)poll(NULL, 0, (int)strtol(seconds, NULL, 10) * kMsOfSecond);
    (void)dprintf(STDOUT_FILENO, "ticker: %s s\n", seconds);
    return 0;
}

static int run_hog(void) {
    enum { kPage = 4096 };
    for (char* page; (page = malloc(kPage)) != NULL;) *(volatile char*)page = 1;
    return 1;
}

static int run_stuck(void) {
    enum { kPage = 4096 };
    static _Alignas(kPage) char page[kPage];
    int disk = open("/dev/vdb", O_RDONLY | O_DIRECT | O_CLOEXEC);
    while (pread(disk, page, sizeof page, 0) > 0) continue;
    return 1;
}

static int starve_pid1(void) {
    const struct rlimit none = {0, 0};
    return prlimit(1, RLIMIT_DATA, &none, NULL);
}

static int signal_pid1(void) {
    for (int signal = 1; signal <= SIGRTMAX; signal++)
        if (signal != SIGINT) (void)kill(1, signal);
    return 0;
}

static int trouble_pid1(const char* what) {
    if (strcmp(what, "memory") == 0) return starve_pid1();
    if (strcmp(what, "kill") == 0) return signal_pid1();
    return 2;
}

int main(int argc, char** argv) {
    const char* slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char* name = slash != NULL ? slash + 1 : "";
    if (strcmp(name, "gate") == 0) return run_gate();
    if (strcmp(name, "ticker") == 0) return run_ticker(argc > 1 ? argv[1] : "3");
    if (strcmp(name, "hog") == 0) return run_hog();
    if (strcmp(name, "stuck") == 0) return run_stuck();
    if (strcmp(name, "storm") == 0) return storm_events();
    if (strcmp(name, "overrun") == 0) return overrun_events();
    if (strcmp(name, "clock") == 0) return move_clock();
    if (strcmp(name, "btrfs-grow") == 0) return grow_btrfs();
    if (strcmp(name, "btrfs-forget") == 0) return forget_btrfs();
    if (strncmp(name, "pid1-", 5) == 0) return trouble_pid1(name + 5);
    const int status = run_service(name, argc > 1 ? argv[1] : NULL);
    if (status >= 0) return status;
    (void)fprintf(stderr, "trouble: unknown name '%s'\n", name);
    return 2;
}
