// SPDX-License-Identifier: MIT
// Programs for the exec stage that hold a boot up. The name that it is started under
// says which:
//   gate       says "gate: closed", waits for a line from the console, says "gate: open"
//   ticker     leaves a process behind that says "ticker: 3 s" three seconds later
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { kTickMs = 3000 };

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

int main(int argc, char** argv) {
    const char* slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char* name = slash != NULL ? slash + 1 : "";
    if (strcmp(name, "gate") == 0) return run_gate();
    if (strcmp(name, "ticker") == 0) return run_ticker();
    (void)fprintf(stderr, "trouble: unknown name '%s'\n", name);
    return 2;
}
