// SPDX-License-Identifier: MIT
#include "tests/qemu/vm.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

constexpr int kControlFd = 3;  // in QEMU's own table of descriptors
// QEMU drops what its serial port cannot get rid of. A pipe of this size takes all that a boot says,
// however busy the machine is that reads it; a socket would be full after some hundred characters.
constexpr int kSerialRoom = 1 << 20;

void add_disks(const std::vector<Disk>& disks, std::vector<std::string>& words) {
    int number = 0;
    for (const Disk& disk : disks) {
        const std::string id = "drive" + std::to_string(number++);
        const std::string file = disk.file.empty() ? disk_file(disk.name) : disk.file;
        words.insert(words.end(), {"-drive", "if=none,format=raw,id=" + id + ",file=" + file + "," +
                                                 disk.drive});
        if (disk.device.empty()) continue;
        words.insert(words.end(), {"-device", disk.device + ",drive=" + id});
    }
}

std::vector<std::string> qemu_words(const Machine& machine) {
    std::vector<std::string> words = {"qemu-system-x86_64",
                                      "-accel",
                                      "tcg",
                                      "-cpu",
                                      "max",
                                      "-nodefaults",
                                      "-display",
                                      "none",
                                      "-no-reboot",
                                      "-no-user-config",
                                      "-m",
                                      std::to_string(machine.memory_mib),
                                      "-device",
                                      "isa-debug-exit,iobase=0xf4,iosize=0x04",
                                      "-chardev",
                                      "socket,id=control,fd=" + std::to_string(kControlFd),
                                      "-mon",
                                      "chardev=control,mode=control"};
    if (machine.has_serial_line)
        words.insert(words.end(),
                     {"-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial"});
    if (!machine.has_firmware)
        words.insert(
            words.end(),
            {"-kernel", machine.kernel.empty() ? settings().kernel : machine.kernel, "-append",
             machine.consoles + kCommonWords + with_identifiers(machine.words)});
    if (!machine.image.empty()) words.insert(words.end(), {"-initrd", machine.image});
    words.insert(words.end(), machine.arguments.begin(), machine.arguments.end());
    add_disks(machine.disks, words);
    return words;
}

// QEMU's ends of the lines.
struct Ends {
    int keys = -1, serial = -1, control = -1;
};

[[noreturn]] void become_qemu(const std::vector<std::string>& words, const Ends& ends,
                              const std::string& log) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    const int control =
        fcntl(ends.control, F_DUPFD, kControlFd + 1);  // not closed by the next line
    (void)dup2(ends.keys, STDIN_FILENO);
    (void)dup2(ends.serial, STDOUT_FILENO);
    (void)dup2(output, STDERR_FILENO);
    (void)dup2(control, kControlFd);
    (void)execvp(arguments[0], arguments.data());
    (void)dprintf(STDERR_FILENO, "cannot run %s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

// Appends what can be read now; false at the end of the line.
bool read_available(int fd, std::string& text) {
    char buffer[4096];
    for (;;) {
        const ssize_t got = read(fd, buffer, sizeof buffer);
        if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno == EAGAIN;
        if (got == 0) return false;
    }
}

void send_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = write(fd, text.data(), text.size());
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return;  // the machine has ended: its transcript tells
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool says(const std::string& text, std::string_view pattern) {
    return Transcript(text).contains(pattern);
}

}  // namespace

// On a busy machine the kernel's check of its timer can take a late interrupt for a missing one.
const std::string kCommonWords = " panic=-1 no_timer_check ";

Vm::Vm(const Machine& machine) : deadline_(Clock::now() + kBootLimit) {
    log_ = work_folder() + "/qemu.log";
    start(machine);
    (void)command(R"({"execute": "qmp_capabilities"})");
}

Vm::~Vm() {
    if (pid_ > 0) {
        (void)kill(pid_, SIGKILL);
        collect();
    }
    for (const int fd : {process_, keys_, serial_line_, control_line_})
        if (fd >= 0) (void)close(fd);
}

void Vm::start(const Machine& machine) {
    int keys[2], serial[2], control[2];
    if (pipe2(keys, O_CLOEXEC) != 0 || pipe2(serial, O_CLOEXEC) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) != 0) {
        FAIL_CHECK("cannot make the lines: ", strerror(errno));
        return;
    }
    keys_ = keys[1];
    serial_line_ = serial[0];
    control_line_ = control[0];
    (void)fcntl(serial_line_, F_SETPIPE_SZ, kSerialRoom);
    for (const int fd : {serial_line_, control_line_}) (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    // A machine that has ended no longer reads: its transcript tells, not a signal.
    (void)signal(SIGPIPE, SIG_IGN);
    const std::vector<std::string> words = qemu_words(machine);
    pid_ = fork();
    if (pid_ == 0) become_qemu(words, {keys[0], serial[1], control[1]}, log_);
    for (const int fd : {keys[0], serial[1], control[1]}) (void)close(fd);
    process_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    if (pid_ < 0 || process_ < 0) FAIL_CHECK("cannot start QEMU: ", strerror(errno));
}

bool Vm::pump(Clock::time_point until) {
    if (pid_ <= 0) return false;
    pollfd waits[] = {{process_, POLLIN, 0}, {serial_line_, POLLIN, 0}, {control_line_, POLLIN, 0}};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    const int ready = left <= 0 ? 0 : poll(waits, 3, static_cast<int>(left) + 1);
    if (ready < 0) return errno == EINTR;
    if (ready == 0 && until < deadline_) return true;
    if (ready == 0) {
        ended_by_ = EndedBy::kLimit;
        (void)kill(pid_, SIGKILL);
        collect();
        return false;
    }
    // An end of file stays readable; the process itself then ends at once or is waited for alone.
    if (waits[1].revents != 0 && !read_available(serial_line_, serial_)) {
        (void)close(std::exchange(serial_line_, -1));
    }
    if (waits[2].revents != 0 && !read_available(control_line_, control_)) {
        (void)close(std::exchange(control_line_, -1));
    }
    if (waits[0].revents == 0) return true;
    collect();
    return false;
}

void Vm::collect() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    pid_ = -1;
    if (serial_line_ >= 0) (void)read_available(serial_line_, serial_);
    if (control_line_ >= 0) (void)read_available(control_line_, control_);
    if (WIFEXITED(status)) {
        status_ = WEXITSTATUS(status);
        ended_by_ = EndedBy::kItself;
    }
    keep_for_failure("serial line", serial_);
    const std::string messages = read_file(log_);
    if (!messages.empty()) keep_for_failure("QEMU", messages);
}

bool Vm::wait_for(std::string_view pattern, Where where) {
    while (!says(serial_, pattern)) {
        if (pump()) continue;
        transcript().has(pattern, where);
        return says(serial_, pattern);
    }
    return true;
}

bool Vm::wait_for_text(std::string_view text, std::size_t& from, Where where) {
    std::size_t end = end_of_text(serial_, text, from);
    while (end == std::string::npos) {
        const bool more = pump();
        end = end_of_text(serial_, text, from);
        if (more || end != std::string::npos) continue;
        fail_at(where, "not said: '" + std::string(text) + "'");
        return false;
    }
    from = end;
    return true;
}

bool Vm::hears(std::string_view text, std::size_t& from, std::chrono::milliseconds patience) {
    const Clock::time_point until = std::min(Clock::now() + patience, deadline_);
    std::size_t end = end_of_text(serial_, text, from);
    while (end == std::string::npos && Clock::now() < until && pump(until))
        end = end_of_text(serial_, text, from);
    if (end == std::string::npos) return false;
    from = end;
    return true;
}

bool Vm::runs_for(std::chrono::milliseconds time) {
    const Clock::time_point until = std::min(Clock::now() + time, deadline_);
    do {
        if (!pump(until)) return false;
    } while (Clock::now() < until);
    return true;
}

bool Vm::wait_for_event(std::string_view name, Where where) {
    const std::string event = "\"event\": \"" + std::string(name) + "\"";
    while (control_.find(event) == std::string::npos) {
        if (pump()) continue;
        if (control_.find(event) != std::string::npos) break;
        fail_at(where, "no event " + std::string(name));
        return false;
    }
    return true;
}

void Vm::send(std::string_view keys) const {
    send_all(keys_, keys);
}

std::string Vm::command(std::string_view json) {
    send_all(control_line_, std::string(json) + "\n");
    std::size_t at = control_.size();
    for (;;) {
        const std::size_t end = control_.find('\n', at);
        if (end == std::string::npos) {
            if (!pump()) return {};
            continue;
        }
        const std::string line = control_.substr(at, end - at);
        at = end + 1;
        // What else comes is the greeting and events.
        if (line.starts_with(R"({"return")") || line.starts_with(R"({"error")")) return line;
    }
}

void Vm::finish() {
    while (pump()) continue;
}

std::string Vm::reason() const {
    constexpr std::string_view kKey = R"("reason": ")";
    const std::size_t event = control_.find(R"("event": "SHUTDOWN")");
    // The members of an event have no fixed order: the reason is somewhere in the same line.
    if (event == std::string::npos) return {};
    const std::size_t start = control_.rfind('\n', event) + 1;
    const std::size_t key = control_.find(kKey, start);
    if (key == std::string::npos) return {};
    const std::size_t value = key + kKey.size();
    return control_.substr(value, control_.find('"', value) - value);
}

}  // namespace prologue::qemu_tests
