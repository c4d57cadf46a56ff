// SPDX-License-Identifier: MIT
// The real init of the test roots. As PID 1 it reports on the console what an init finds after the
// hand-over, one fact a line, each starting with "guest: ", and then ends the machine. It mounts
// and repairs nothing but its own standard output, so that what is missing is seen.
//
// Dotted words on the kernel command line (they never reach argv) ask for more:
//   guest.cat=PATH   print a file       guest.stat=PATH  print its type, mode and size
//   guest.reboot     end with a reboot instead of a power-off
//   guest.feed=N     feed /dev/watchdog for N seconds, then stop it
//   guest.wait=N     wait for N seconds
//   guest.run=PROGRAM,ARG...  run it and print what it says, a line each
//
// Under other names it is a program for the exec stage: hello (prints its arguments, exits with the
// number in EXIT), spin, segv, abort, daemon and atdaemon (leave a process of an own session
// behind, the latter with a name that starts with '@', as storage daemons ask to be kept).
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { kLineSize = 8192, kMaxFds = 4096, kKernelThread = 0x00200000 };

extern char** environ;

// One write for each line, so that kernel messages cannot split it.
__attribute__((format(printf, 1, 2))) static void say(const char* format, ...) {
    char line[kLineSize] = "guest: ";
    const size_t prefix = strlen(line);
    va_list args;
    va_start(args, format);
    int length = vsnprintf(line + prefix, sizeof line - prefix - 1, format, args);
    va_end(args);
    if (length < 0) return;
    size_t end = strlen(line);
    line[end++] = '\n';
    if (write(STDOUT_FILENO, line, end) < 0) return;  // there is nobody left to tell
}

static long long microseconds(const struct timespec* t) {
    return (long long)t->tv_sec * 1000000 + t->tv_nsec / 1000;
}

// Calls a function for each line of a file; the line is without its newline and may be changed.
static int for_each_line(const char* path, void (*act)(char* line, void* context), void* context) {
    FILE* file = fopen(path, "re");
    if (file == NULL) return -errno;
    char line[kLineSize];
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        act(line, context);
    }
    int error = ferror(file) ? -errno : 0;
    (void)fclose(file);
    return error;
}

// Standard descriptors, and what is open beyond them. Runs before this program opens anything.
static void report_fds(void) {
    int closed = 0;
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0) closed |= 1 << fd;
    int extra[kMaxFds];
    int count = 0;
    for (int fd = STDERR_FILENO + 1; fd < kMaxFds; fd++)
        if (fcntl(fd, F_GETFD) >= 0) extra[count++] = fd;

    // Without standard output nothing of this report would be seen.
    if (closed & (1 << STDOUT_FILENO)) {
        int fd = open("/dev/console", O_RDWR | O_NOCTTY);
        if (fd < 0) fd = open("/dev/kmsg", O_WRONLY);
        if (fd >= 0 && fd != STDOUT_FILENO) (void)dup2(fd, STDOUT_FILENO);
        if (fd > STDERR_FILENO) (void)close(fd);
    }
    say("hello from the real root");
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (closed & (1 << fd)) say("fd %d closed", fd);
    for (int i = 0; i < count; i++) {
        char link[64];
        char target[1024] = "?";
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", extra[i]);
        ssize_t length = readlink(link, target, sizeof target - 1);
        if (length >= 0) target[length] = '\0';
        say("fd %d -> %s", extra[i], target);
    }
    if (count == 0) say("fds clean");
}

static void report_words(char** argv) {
    for (int i = 0; argv[i] != NULL; i++) say("argv[%d]=%s", i, argv[i]);
    for (char** word = environ; *word != NULL; word++) say("env %s", *word);
}

static void report_rlimit(const char* name, int resource) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0) return;
    char soft[32] = "unlimited";
    char hard[32] = "unlimited";
    if (limit.rlim_cur != RLIM_INFINITY)
        (void)snprintf(soft, sizeof soft, "%llu", (unsigned long long)limit.rlim_cur);
    if (limit.rlim_max != RLIM_INFINITY)
        (void)snprintf(hard, sizeof hard, "%llu", (unsigned long long)limit.rlim_max);
    say("rlimit %s=%s/%s", name, soft, hard);
}

static void report_process(void) {
    char directory[1024];
    mode_t mask = umask(0);
    (void)umask(mask);
    say("pid=%d ppid=%d pgid=%d sid=%d", getpid(), getppid(), getpgid(0), getsid(0));
    say("cwd=%s", getcwd(directory, sizeof directory) != NULL ? directory : "?");
    say("umask=%04o", (unsigned)mask);
    report_rlimit("core", RLIMIT_CORE);
    report_rlimit("data", RLIMIT_DATA);
    report_rlimit("nofile", RLIMIT_NOFILE);
    report_rlimit("stack", RLIMIT_STACK);
}

static void status_line(char* line, void* context) {
    (void)context;
    char* value = strchr(line, ':');
    if (value == NULL) return;
    *value++ = '\0';
    value += strspn(value, " \t");
    if (strcmp(line, "SigBlk") == 0 || strcmp(line, "SigIgn") == 0 || strcmp(line, "SigCgt") == 0)
        say("%s=%s", line, value);
}

static void meminfo_line(char* line, void* context) {
    (void)context;
    char name[32];
    unsigned long long kib = 0;
    if (sscanf(line, "%31[^:]: %llu", name, &kib) != 2) return;
    if (strcmp(name, "MemTotal") == 0 || strcmp(name, "MemFree") == 0 || strcmp(name, "Shmem") == 0)
        say("%s=%llu kB", name, kib);
}

struct mounts {
    char root[kLineSize];  // the topmost mount on /, as text
    int rootfs;            // whether the initramfs can still be seen
};

// "36 35 254:0 / /mnt rw,noatime shared:1 - ext4 /dev/vda rw", see proc(5).
static void mountinfo_line(char* line, void* context) {
    struct mounts* mounts = context;
    char* right = strstr(line, " - ");
    if (right == NULL) return;
    *right = '\0';
    char device[32], path[1024], options[1024], type[256], source[1024], super[4096] = "";
    if (sscanf(line, "%*d %*d %31s %*s %1023s %1023s", device, path, options) != 3) return;
    if (sscanf(right + 3, "%255s %1023s %4095s", type, source, super) < 2) return;
    say("mount %s %s %s source=%s super=%s", path, type, options, source, super);
    if (strcmp(type, "rootfs") == 0) mounts->rootfs = 1;
    if (strcmp(path, "/") == 0)
        (void)snprintf(mounts->root, sizeof mounts->root,
                       "root fstype=%s source=%s options=%s super=%s dev=%s", type, source, options,
                       super, device);
}

static void report_mounts(void) {
    static struct mounts mounts;
    struct statfs root;
    if (statfs("/", &root) == 0) say("statfs / type=0x%lx", (unsigned long)root.f_type);
    if (for_each_line("/proc/self/mountinfo", mountinfo_line, &mounts) != 0) return;
    if (mounts.root[0] != '\0') say("%s", mounts.root);
    say(mounts.rootfs ? "rootfs visible" : "rootfs hidden");
}

// "1 (init) S 0 0 0 0 -1 4194560 ..."; a name may hold spaces and brackets, so the last one counts.
static void stat_line(char* line, void* context) {
    int* processes = context;
    char* rest = strrchr(line, ')');
    unsigned long flags = 0;
    if (rest == NULL || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %lu", &flags) != 1) return;
    if (flags & kKernelThread) return;
    rest[1] = '\0';
    (*processes)++;
    say("process %s", line);
}

static void report_processes(void) {
    int processes = 0;
    DIR* proc = opendir("/proc");
    if (proc == NULL) return;
    for (struct dirent* entry = readdir(proc); entry != NULL; entry = readdir(proc)) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
        char path[300];
        (void)snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        (void)for_each_line(path, stat_line, &processes);
    }
    (void)closedir(proc);
    if (processes > 0) say("processes=%d", processes);
}

static void cat_line(char* line, void* context) {
    say("cat %s: %s", (const char*)context, line);
}

static void report_stat(const char* path) {
    static const char* const kinds[16] = {
        [S_IFREG >> 12] = "file",   [S_IFDIR >> 12] = "directory", [S_IFLNK >> 12] = "symlink",
        [S_IFBLK >> 12] = "block",  [S_IFCHR >> 12] = "char",      [S_IFIFO >> 12] = "fifo",
        [S_IFSOCK >> 12] = "socket"};
    struct stat info;
    if (lstat(path, &info) != 0) {
        say("stat-error %s: %s", path, strerror(errno));
        return;
    }
    const char* kind = kinds[(info.st_mode & S_IFMT) >> 12];
    say("stat %s %s %04o %lld rdev=%u:%u", path, kind != NULL ? kind : "?", info.st_mode & 07777U,
        (long long)info.st_size, major(info.st_rdev), minor(info.st_rdev));
}

static void wait_for_seconds(int seconds) {
    (void)poll(NULL, 0, seconds * 1000);
}

// What an init that looks after the watchdog does.
static void feed_watchdog(int seconds) {
    int fd = open("/dev/watchdog", O_WRONLY | O_CLOEXEC);
    if (fd < 0) say("watchdog: %s", strerror(errno));
    for (; fd >= 0 && seconds > 0; seconds--) {
        if (write(fd, "", 1) != 1) say("watchdog: %s", strerror(errno));
        wait_for_seconds(1);
    }
    if (fd >= 0 && write(fd, "V", 1) == 1 && close(fd) == 0) say("watchdog fed");
}

static void run_line(char* line, void* context) {
    (void)context;
    say("run: %s", line);
}

static void run_and_report(char* words) {
    char* argv[16] = {NULL};
    int fds[2], status = 0;
    char* rest = words;
    for (int i = 0; i < 15 && (argv[i] = strsep(&rest, ",")) != NULL; i++) continue;
    if (pipe(fds) != 0) return say("run-error: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(fds[1], STDOUT_FILENO);
        (void)dup2(fds[1], STDERR_FILENO);
        (void)close(fds[0]);
        (void)execv(argv[0], argv);
        say("run-error: %s", strerror(errno));
        _exit(127);
    }
    (void)close(fds[1]);
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fds[0]);
    (void)for_each_line(path, run_line, NULL);
    (void)close(fds[0]);
    if (child > 0 && waitpid(child, &status, 0) == child) say("run-status: %d", status);
}

static void cmdline_line(char* line, void* context) {
    int* restart = context;
    for (char* word = strtok(line, " "); word != NULL; word = strtok(NULL, " ")) {
        if (strcmp(word, "guest.reboot") == 0) *restart = 1;
        if (strncmp(word, "guest.stat=", 11) == 0) report_stat(word + 11);
        if (strncmp(word, "guest.feed=", 11) == 0) feed_watchdog(atoi(word + 11));
        if (strncmp(word, "guest.wait=", 11) == 0) wait_for_seconds(atoi(word + 11));
        if (strncmp(word, "guest.run=", 10) == 0) run_and_report(word + 10);
        if (strncmp(word, "guest.cat=", 10) != 0) continue;
        int error = for_each_line(word + 10, cat_line, word + 10);
        if (error != 0) say("cat-error %s: %s", word + 10, strerror(-error));
    }
}

_Noreturn static void end_machine(int restart) {
    say("end");
    (void)tcdrain(STDOUT_FILENO);  // a reset drops what the serial line has not sent yet
    if (getpid() != 1) exit(0);    // tried out on a developer's machine
    sync();
    (void)reboot(restart ? RB_AUTOBOOT : RB_POWER_OFF);
    say("reboot: %s", strerror(errno));
    for (;;) (void)pause();
}

static int run_hello(int argc, char** argv) {
    (void)printf("hello from exec\n");
    for (int i = 0; i < argc; i++) (void)printf("hello: argv[%d]=%s\n", i, argv[i]);
    for (char** word = environ; *word != NULL; word++) (void)printf("hello: env %s\n", *word);
    return getenv("EXIT") != NULL ? (int)strtol(getenv("EXIT"), NULL, 10) : 0;
}

// Keeps the descriptors that it was given, as a careless daemon does.
static int run_daemon(const char* self, int renamed) {
    pid_t child = fork();
    if (child != 0) return child < 0;
    (void)setsid();
    char* const argv[] = {"@guest-daemon", NULL};
    if (renamed) {
        (void)execv("/proc/self/exe", argv);
        (void)execv(self, argv);  // there may be no /proc
    }
    for (;;) (void)pause();
}

_Noreturn static void spin(void) {
    for (;;) continue;
}

static int run_program(const char* name, int argc, char** argv) {
    if (strcmp(name, "hello") == 0) return run_hello(argc, argv);
    if (strcmp(name, "daemon") == 0) return run_daemon(argv[0], 0);
    if (strcmp(name, "atdaemon") == 0) return run_daemon(argv[0], 1);
    if (strcmp(name, "abort") == 0) abort();
    if (strcmp(name, "segv") == 0) *(volatile int*)NULL = 1;
    if (strcmp(name, "spin") == 0) spin();
    while (name[0] == '@') (void)pause();
    return -1;
}

int main(int argc, char** argv) {
    struct timespec boot, monotonic;
    (void)clock_gettime(CLOCK_BOOTTIME, &boot);
    (void)clock_gettime(CLOCK_MONOTONIC, &monotonic);
    const char* slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    int code = argc > 0 ? run_program(slash != NULL ? slash + 1 : argv[0], argc, argv) : -1;
    if (code >= 0) return code;

    report_fds();
    say("boottime_us=%lld monotonic_us=%lld", microseconds(&boot), microseconds(&monotonic));
    report_words(argv);
    report_process();
    if (access("/dev/null", F_OK) != 0) say("no /dev");
    if (access("/proc/self", F_OK) != 0) say("no /proc");
    (void)for_each_line("/proc/self/status", status_line, NULL);
    (void)for_each_line("/proc/meminfo", meminfo_line, NULL);
    report_mounts();
    report_processes();
    int restart = 0;
    (void)for_each_line("/proc/cmdline", cmdline_line, &restart);
    end_machine(restart);
}
