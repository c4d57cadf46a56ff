// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "tests/guest/services.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { kLine = 256 };

// One write for each line, so that kernel messages cannot split it.
__attribute__((format(printf, 1, 2))) static void say(const char* format, ...) {
    char line[kLine];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(line, sizeof line - 1, format, args);
    va_end(args);
    if (length < 0) return;
    size_t end = strlen(line);
    line[end++] = '\n';
    if (write(STDOUT_FILENO, line, end) < 0) _exit(1);
}

_Noreturn static void stay(void) {
    for (;;) (void)pause();
}

static int ask(int signal) {
    (void)kill(1, signal);
    stay();
}

static int run_terminal(void) {
    char line[kLine];
    int own = open("/dev/tty", O_RDWR | O_CLOEXEC);
    say("terminal: leads=%d foreground=%d owns=%d", getsid(0) == getpid(),
        tcgetpgrp(STDIN_FILENO) == getpgrp(), own >= 0);
    for (;;) {
        ssize_t got = read(STDIN_FILENO, line, sizeof line - 1);
        if (got <= 0) return 0;
        line[got] = '\0';
        line[strcspn(line, "\n")] = '\0';
        say("terminal: read '%s'", line);
        if (strcmp(line, "raw") != 0) continue;
        // And leaves its terminal as no person could use it.
        struct termios mode;
        (void)tcgetattr(STDIN_FILENO, &mode);
        cfmakeraw(&mode);
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &mode);
        return 0;
    }
}

static int count_zombies(void) {
    int zombies = 0;
    DIR* proc = opendir("/proc");
    if (proc == NULL) return -1;
    for (struct dirent* entry = readdir(proc); entry != NULL; entry = readdir(proc)) {
        char path[300];
        char line[kLine] = "";
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
        (void)snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE* file = fopen(path, "re");
        if (file == NULL) continue;
        if (fgets(line, sizeof line, file) != NULL && strstr(line, ") Z ") != NULL) zombies++;
        (void)fclose(file);
    }
    (void)closedir(proc);
    return zombies;
}

static int run_orphans(void) {
    enum { kOrphans = 50 };
    for (int i = 0; i < kOrphans; i++) {
        pid_t child = fork();
        if (child == 0 && fork() >= 0) _exit(0);
        if (child > 0) (void)waitpid(child, NULL, 0);
    }
    // PID 1 gets to them as it gets to run.
    struct timespec now, limit;
    (void)clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_sec += 10;
    int left = count_zombies();
    do {
        left = count_zombies();
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
    } while (left > 0 && now.tv_sec < limit.tv_sec);
    say("orphans: %d left", left);
    stay();
}

static int run_writer(const char* directory) {
    char block[4096];
    (void)memset(block, 'x', sizeof block);
    (void)signal(SIGTERM, SIG_IGN);
    for (unsigned long round = 0;; round++) {
        char path[64];
        (void)snprintf(path, sizeof path, "%s/written-%lu", directory, round % 8);
        int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file < 0) return 1;
        for (int i = 0; i < 8; i++)
            if (write(file, block, sizeof block) < 0) break;  // the root is small
        (void)close(file);
        if (round % 3 == 2) (void)unlink(path);
        if (round == 16) say("writer: at work");
    }
}

// As fast as the page cache takes it, and nothing is on the disk yet.
static int run_filler(void) {
    enum { kBlocks = 12 * 256 };
    char block[4096];
    (void)memset(block, 'f', sizeof block);
    int file = open("/filled", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return 1;
    for (int i = 0; i < kBlocks; i++)
        if (write(file, block, sizeof block) != (ssize_t)sizeof block) return 1;
    say("filler: written");
    stay();
}

static int run_pages(void) {
    char line[kLine];
    FILE* file = fopen("/proc/1/status", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "VmLck:", 6) == 0) say("pages: %s", line + 6 + strspn(line + 6, "\t "));
    }
    stay();
}

// Tidies up on SIGTERM, which takes it half a second.
static int run_tidy(void) {
    sigset_t term;
    (void)sigemptyset(&term);
    (void)sigaddset(&term, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &term, NULL);
    say("tidy: ready");
    (void)sigwaitinfo(&term, NULL);
    say("tidy: asked to end");
    (void)poll(NULL, 0, 500);
    say("tidy: done");
    return 0;
}

int run_service(const char* name, const char* argument) {
    if (strcmp(name, "end-0") == 0) return 0;
    if (strcmp(name, "end-3") == 0) return 3;
    if (strcmp(name, "end-kill") == 0) return kill(getpid(), SIGKILL);
    if (strcmp(name, "ask-term") == 0) return ask(SIGTERM);
    if (strcmp(name, "ask-usr1") == 0) return ask(SIGUSR1);
    if (strcmp(name, "ask-usr2") == 0) return ask(SIGUSR2);
    if (strcmp(name, "terminal") == 0) return run_terminal();
    if (strcmp(name, "orphans") == 0) return run_orphans();
    if (strcmp(name, "writer") == 0) return run_writer(argument != NULL ? argument : "");
    if (strcmp(name, "filler") == 0) return run_filler();
    if (strcmp(name, "tidy") == 0) return run_tidy();
    if (strcmp(name, "pages") == 0) return run_pages();
    return -1;
}
