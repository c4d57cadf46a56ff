/* SPDX-License-Identifier: MIT
 * What the namespace tests execute: a static program without any library, so that it runs in an empty
 * root. Its second word says what it does:
 *   touch PATH   makes the file, exit status 7
 *   pause        waits for a signal
 *   look         as the init of a new root: says on descriptor 1 what it sees there */
#include <asm/unistd.h>

static long call(long number, long a, long b, long c) {
#if defined(__x86_64__)
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = 0;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
#else
#error "no system call for this architecture"
#endif
}

enum { kAtCwd = -100, kWriteCreate = 01 | 0100, kOpenRead = 0 };

static long open_at(const char* path, long flags) {
#if defined(__x86_64__)
    return call(__NR_open, (long)path, flags, 0644);
#else
    register long x8 __asm__("x8") = __NR_openat;
    register long x0 __asm__("x0") = kAtCwd;
    register long x1 __asm__("x1") = (long)path;
    register long x2 __asm__("x2") = flags;
    register long x3 __asm__("x3") = 0644;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
#endif
}

static void say(const char* text) {
    long length = 0;
    while (text[length] != 0) ++length;
    call(__NR_write, 1, (long)text, length);
}

static void report(const char* path) {
    say(path);
    say(open_at(path, kOpenRead) >= 0 ? " yes\n" : " no\n");
}

static void look(const char* name) {
    say(name);
    say(call(__NR_getpid, 0, 0, 0) == 1 ? " is PID 1\n" : " is not PID 1\n");
    report("/of-new-root");
    report("/dev/of-dev");
    report("/of-old-root");
}

__attribute__((used)) static void run(long* stack) {
    const long count = stack[0];
    char** words = (char**)(stack + 1);
    const char what = count > 1 ? words[1][0] : 'l';
    if (what == 't' && count > 2) {
        open_at(words[2], kWriteCreate);
        call(__NR_exit_group, 7, 0, 0);
    }
    if (what == 'p') {
        /* ppoll(NULL, 0, NULL, NULL) */
        for (;;) call(__NR_ppoll, 0, 0, 0);
    }
    look(words[0]);
    call(__NR_exit_group, 0, 0, 0);
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n mov %rsp,%rdi\n and $-16,%rsp\n xor %r10,%r10\n call run\n");
#else
__asm__(".globl _start\n_start:\n mov x0,sp\n bl run\n");
#endif
