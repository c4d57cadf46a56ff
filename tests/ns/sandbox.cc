// SPDX-License-Identifier: MIT
#include "tests/ns/sandbox.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace prologue::ns {
namespace {

constexpr int kNotAvailable = 77;
constexpr long kTmpfsMagic = 0x01021994;
constexpr unsigned kBodySeconds = 60;  // no body may hang the test run

std::string read_all(int fd) {
    std::string text;
    char buffer[4096];
    ssize_t got = 0;
    while ((got = read(fd, buffer, sizeof buffer)) > 0 || (got < 0 && errno == EINTR)) {
        if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
}

bool write_text(const char* path, const std::string& text) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    (void)close(fd);
    return written;
}

[[noreturn]] void give_up(const char* what) {
    speak(std::string(what) + ": " + strerror(errno));
    _exit(kNotAvailable);
}

bool become_root_of_namespace() {
    const std::string user = "0 " + std::to_string(geteuid()) + " 1";
    const std::string group = "0 " + std::to_string(getegid()) + " 1";
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) != 0) return false;
    (void)write_text("/proc/self/setgroups", "deny");
    return write_text("/proc/self/uid_map", user) && write_text("/proc/self/gid_map", group);
}

// Everything of the host that the new root needs is taken in before the host's root goes.
void make_root(const std::string& payload) {
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) give_up("private mounts");
    if (mount("sandbox", "/tmp", "tmpfs", 0, "mode=0755") != 0) give_up("tmpfs");
    for (const char* directory : {"/tmp/proc", "/tmp/dev", "/tmp/host"})
        (void)mkdir(directory, 0755);
    make_file("/tmp/payload", payload);
    make_file("/tmp/dev/null", "");
    if (mount("/dev/null", "/tmp/dev/null", nullptr, MS_BIND, nullptr) != 0) give_up("bind mount");
    if (mount("proc", "/tmp/proc", "proc", 0, nullptr) != 0) give_up("proc");
    if (syscall(SYS_pivot_root, "/tmp", "/tmp/host") != 0) give_up("pivot_root");
    if (chdir("/") != 0 || umount2("/host", MNT_DETACH) != 0) give_up("umount of the host's root");
    (void)rmdir("/host");
    struct statfs status {};
    if (statfs("/", &status) != 0 || status.f_type != kTmpfsMagic || exists("/etc") ||
        getpid() != 1) {
        give_up("this is not the sandbox");
    }
}

[[noreturn]] void be_pid_one(void (*body)(), const std::string& payload) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);  // from outside the namespace not even PID 1 is spared
    make_root(payload);
    body();
    speak("done");
    _exit(0);
}

// The process between the test and the body: unshare(2) takes effect for its children only.
[[noreturn]] void be_between(void (*body)(), int speech) {
    const int file = open(PROLOGUE_NS_PAYLOAD, O_RDONLY | O_CLOEXEC);
    const std::string payload = file < 0 ? std::string() : read_all(file);
    if (file >= 0) (void)close(file);
    (void)dup2(speech, kSpeech);
    (void)close(speech);
    if (payload.empty()) give_up(PROLOGUE_NS_PAYLOAD);
    if (!become_root_of_namespace()) give_up("new user, mount and pid namespaces");
    // Inside, the alarm's signal would be dropped: PID 1 has no handler for it.
    (void)alarm(kBodySeconds);
    const pid_t child = fork();
    if (child < 0) give_up("fork");
    if (child == 0) be_pid_one(body, payload);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) _exit(128 + WTERMSIG(status));
    _exit(WEXITSTATUS(status));
}

}  // namespace

SandboxEnd run_in_sandbox(void (*body)()) {
    SandboxEnd end;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return end;
    const pid_t child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        be_between(body, ends[1]);
    }
    (void)close(ends[1]);
    end.text = read_all(ends[0]);
    (void)close(ends[0]);
    while (child > 0 && waitpid(child, &end.status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(end.status)) end.status = WEXITSTATUS(end.status);
    end.available = child > 0 && end.status != kNotAvailable;
    return end;
}

void speak(const std::string& line) {
    const std::string text = line + "\n";
    (void)!write(kSpeech, text.data(), text.size());
}

void expect(bool holds, const char* condition, int line) {
    if (!holds)
        speak("line " + std::to_string(line) + ": not " + condition + " (" + strerror(errno) + ")");
}

void make_dir(const std::string& path) {
    EXPECT(mkdir(path.c_str(), 0755) == 0);
}

void make_file(const std::string& path, const std::string& text, unsigned mode) {
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    EXPECT(fd >= 0);
    EXPECT(write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    EXPECT(fchmod(fd, mode) == 0);
    (void)close(fd);
}

void mount_tmpfs(const std::string& path) {
    EXPECT(mount("tmpfs", path.c_str(), "tmpfs", 0, nullptr) == 0);
}

bool exists(const std::string& path) {
    struct stat status {};
    return lstat(path.c_str(), &status) == 0;
}

}  // namespace prologue::ns
