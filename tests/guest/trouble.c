// SPDX-License-Identifier: MIT
// Programs for the exec stage that hold a boot up or disturb it. The name that it is started under
// says which:
//   gate       says "gate: closed", waits for a line from the console, says "gate: open"
//   ticker     leaves a process behind that says "ticker: 3 s" three seconds later
//   eat        takes memory, and touches it, until there is none
//   deaf       ignores every signal that can be ignored, and never ends
//   deafdaemon leaves such a process behind, in a session of its own
//   clock      sets the wall clock far ahead and back again, for as long as it is let
//   storm      lets the kernel send 3000 uevents, says "storm: over"
//   reader     reads /dev/vda past every cache, until an error
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { kTickMs = 3000, kEvents = 3000, kSector = 4096, kMaxSignal = 64 };

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

static int run_ticker(void) {
    pid_t child = fork();
    if (child != 0) return child < 0;
    (void)setsid();
    (void)poll(NULL, 0, kTickMs);  // time itself is what the test is about
    say("ticker: 3 s\n");
    return 0;
}

static int run_eat(void) {
    const size_t step = 1 << 20;
    for (;;) {
        char* block = malloc(step);
        if (block == NULL) return 7;
        memset(block, 1, step);
        *(char* volatile*)block = block;  // the compiler must not see that nobody reads it
    }
}

static int run_deaf(int daemon) {
    if (daemon) {
        pid_t child = fork();
        if (child != 0) return child < 0;
        (void)setsid();
    }
    for (int number = 1; number < kMaxSignal; number++) (void)signal(number, SIG_IGN);
    say("deaf: here\n");
    for (;;) (void)pause();
}

static int run_clock(void) {
    struct timeval now;
    if (gettimeofday(&now, NULL) != 0) return 1;
    const time_t ahead = 10L * 365 * 86400;
    say("clock: jumping\n");
    for (int forward = 1;; forward = !forward) {
        struct timeval wrong = now;
        wrong.tv_sec += forward ? ahead : 0;
        if (settimeofday(&wrong, NULL) != 0) return 1;
    }
}

static int run_storm(void) {
    // Of subsystem block, so that the search must look at each of them.
    int fd = open("/sys/class/block/vda/uevent", O_WRONLY);
    if (fd < 0) return 1;
    for (int i = 0; i < kEvents; i++)
        if (write(fd, "change\n", 7) != 7) return 1;
    say("storm: over\n");
    return 0;
}

static int run_reader(void) {
    void* buffer = NULL;
    int fd = open("/dev/vda", O_RDONLY | O_DIRECT);
    if (fd < 0 || posix_memalign(&buffer, kSector, kSector) != 0) return 1;
    say("reader: reading\n");
    for (off_t at = 0;; at += kSector)
        if (pread(fd, buffer, kSector, at) != kSector) return 2;
}

int main(int argc, char** argv) {
    const char* slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char* name = slash != NULL ? slash + 1 : "";
    if (strcmp(name, "gate") == 0) return run_gate();
    if (strcmp(name, "ticker") == 0) return run_ticker();
    if (strcmp(name, "eat") == 0) return run_eat();
    if (strcmp(name, "deaf") == 0) return run_deaf(0);
    if (strcmp(name, "deafdaemon") == 0) return run_deaf(1);
    if (strcmp(name, "clock") == 0) return run_clock();
    if (strcmp(name, "storm") == 0) return run_storm();
    if (strcmp(name, "reader") == 0) return run_reader();
    (void)fprintf(stderr, "trouble: unknown name '%s'\n", name);
    return 2;
}
