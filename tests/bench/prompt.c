// SPDX-License-Identifier: MIT
// Run by an exec line: gives the machine a console on a pseudo terminal, /dev/pts/0, and stays behind its
// other end. When the rescue shell's prompt is there it reports, and ends the machine:
//   bench: prompt_us=N    from the first bytes of the failure block to the prompt, which is more than
//                         from its last
//   bench: shown=N        bytes of the failure block, the greeting and the prompt
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

static const char kPrompt[] = "[rescue] # ";

static long long now_us(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void report(long long took, size_t shown) {
    char line[128];
    const int console = open("/dev/console", O_WRONLY | O_NOCTTY);
    const int length =
        snprintf(line, sizeof line, "\nbench: prompt_us=%lld\nbench: shown=%zu\n", took, shown);
    if (console < 0 || write(console, line, (size_t)length) != length) _exit(1);
    sync();
    (void)reboot(RB_POWER_OFF);
}

static void watch(int terminal) {
    static char text[65536];
    size_t size = 0;
    long long began = 0;
    for (;;) {
        const ssize_t got = read(terminal, text + size, sizeof text - 1 - size);
        if (got <= 0) continue;  // EIO: nobody has it open
        size += (size_t)got;
        if (began == 0) began = now_us();
        if (strstr(text, kPrompt) != NULL) return report(now_us() - began, size);
    }
}

int main(void) {
    int unlocked = 0;
    const int terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    // Its own hold on the other end, or each read would fail until PID 1 opens it.
    if (terminal < 0 || ioctl(terminal, TIOCSPTLCK, &unlocked) != 0 ||
        open("/dev/pts/0", O_RDWR | O_NOCTTY | O_CLOEXEC) < 0)
        return 1;
    const pid_t child = fork();
    if (child != 0) return child < 0;
    (void)setsid();
    watch(terminal);
    return 1;
}
