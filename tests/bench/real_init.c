// SPDX-License-Identifier: MIT
// The real init of the measured boots. It takes the time at once, asks the kernel's log when the
// first init was started, reports both in microseconds of the kernel's log clock, and ends the
// machine:
//   bench: init_us=N real_us=N        the kernel's "Run … as init process", and this main()
//   bench: reset_us=N                 this main() too, since the machine's reset: firmware and the kernel's
//                                     unpacking included. Only where QEMU counts instructions (-icount),
//                                     since its cycle counter then counts the machine's nanoseconds
//   bench: pid1_kb=N                  the most that PID 1 had resident: exec keeps that number
//   bench: child_kb=N                 the same of the largest process that PID 1 or one of its
//                                     children waited for
//   bench: read_kib=N                 what was read from all virtio disks
//   bench: modules=NAME,NAME…         what is loaded, the first one first
//   bench: text=LINE                  prologue's own lines in the kernel's log
//
// The log is read here and not off the serial line, so that the kernel can be quiet: every character
// that it prints is guest time.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { kRecordSize = 8192, kModuleLimit = 512 };

static const char kMark[] = "bench: the real init runs\n";

static long long now_us(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// An init that hands over without these mounts is as good as one with them.
static void mount_own(const char* type, const char* directory, const char* probe) {
    if (access(probe, F_OK) == 0) return;
    if (mount(type, directory, type, 0, NULL) != 0)
        (void)printf("bench: error=mount %s: %s\n", directory, strerror(errno));
}

struct stamps {
    long long init_us, mark_us;
};

// "6,339,5140900,-;Run /init as init process": priority, number, microseconds, flags, text.
static void take_record(char* record, struct stamps* stamps) {
    long long stamp = 0;
    char* text = strchr(record, ';');
    if (text == NULL || sscanf(record, "%*u,%*u,%lld", &stamp) != 1) return;
    text++;
    text[strcspn(text, "\n")] = '\0';
    if (strncmp(text, "Run ", 4) == 0 && strstr(text, " as init process") != NULL)
        stamps->init_us = stamp;
    if (strncmp(text, kMark, sizeof kMark - 2) == 0) stamps->mark_us = stamp;
    if (strncmp(text, "prologue: ", 10) == 0)
        (void)printf("bench: text=%lld %s\n", stamp, text + 10);
}

static struct stamps read_log(void) {
    struct stamps stamps = {0, 0};
    char record[kRecordSize];
    const int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return stamps;
    for (;;) {
        const ssize_t got = read(fd, record, sizeof record - 1);
        if (got < 0 && (errno == EPIPE || errno == EINTR)) continue;
        if (got <= 0) break;
        record[got] = '\0';
        take_record(record, &stamps);
    }
    (void)close(fd);
    return stamps;
}

// /proc/modules has the newest first.
static void report_modules(void) {
    static char* names[kModuleLimit];
    char line[1024];
    int count = 0;
    FILE* file = fopen("/proc/modules", "re");
    while (file != NULL && count < kModuleLimit && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, " \n")] = '\0';
        names[count++] = strdup(line);
    }
    (void)printf("bench: modules=");
    while (count-- > 0) (void)printf("%s%s", names[count], count > 0 ? "," : "");
    (void)printf("\n");
    if (file != NULL) (void)fclose(file);
}

// Of a disk the fourth number is the sectors read; a partition's name ends in a digit.
static void report_reads(void) {
    char line[1024], name[64];
    unsigned long long sectors = 0, all = 0;
    FILE* file = fopen("/proc/diskstats", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%*u %*u %63s %*u %*u %llu", name, &sectors) != 2) continue;
        if (strncmp(name, "vd", 2) == 0 && strpbrk(name, "0123456789") == NULL) all += sectors;
    }
    (void)printf("bench: read_kib=%llu\n", all / 2);
    if (file != NULL) (void)fclose(file);
}

int main(void) {
    const unsigned long long cycles = __builtin_ia32_rdtsc();
    const long long start = now_us();
    // Before this program has touched more memory than an init would have.
    struct rusage own = {0}, children = {0};
    (void)getrusage(RUSAGE_SELF, &own);
    (void)getrusage(RUSAGE_CHILDREN, &children);
    mount_own("devtmpfs", "/dev", "/dev/kmsg");
    const int kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    const long long marked = now_us();
    if (kmsg < 0 || write(kmsg, kMark, sizeof kMark - 1) < 0)
        (void)printf("bench: error=/dev/kmsg: %s\n", strerror(errno));
    const int console = open("/dev/console", O_RDWR | O_NOCTTY);
    for (int fd = 0; console >= 0 && fd <= 2; fd++) (void)dup2(console, fd);
    mount_own("proc", "/proc", "/proc/modules");
    const struct stamps stamps = read_log();
    (void)printf("bench: init_us=%lld real_us=%lld\n", stamps.init_us,
                 stamps.mark_us - (marked - start));
    (void)printf("bench: reset_us=%llu\n", cycles / 1000);
    (void)printf("bench: pid1_kb=%ld\nbench: child_kb=%ld\n", own.ru_maxrss, children.ru_maxrss);
    report_reads();
    report_modules();
    (void)printf("bench: end\n");
    (void)fflush(stdout);
    sync();
    (void)reboot(RB_POWER_OFF);
    for (;;) (void)pause();
}
