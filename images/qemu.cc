// SPDX-License-Identifier: MIT
#include "images/qemu.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "images/host.h"
#include "images/programs.h"
#include "init/base/clock.h"
#include "init/base/fd.h"

namespace prologue::images {
namespace {

constexpr std::string_view kProgram = "qemu-system-x86_64";
constexpr Duration kProbeBound{10'000};
// What a kernel without any root says last: it got through all of its own start.
constexpr std::string_view kProbeAnswer = "Kernel panic - not syncing: VFS";

Instant now() {
    timespec time = {};
    (void)clock_gettime(CLOCK_MONOTONIC, &time);  // cannot fail for this clock
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// The output of a program until `wanted` appears, the program ends, or the bound passes.
bool says_within(int output, std::string_view wanted, Duration bound) {
    const Instant deadline = deadline_after(now(), bound);
    std::string seen;
    for (;;) {
        pollfd wait = {output, POLLIN, 0};
        if (poll(&wait, 1, poll_timeout(deadline, now())) == 0) return false;
        char buffer[4096];
        const ssize_t got = read(output, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        seen.append(buffer, static_cast<std::size_t>(got));
        if (seen.find(wanted) != std::string::npos) return true;
        // An answer may be cut in two: keep as much as its length.
        if (seen.size() > 65536) seen.erase(0, seen.size() - wanted.size());
    }
}

// A comma in a file name is QEMU's own separator.
std::string escaped(std::string_view path) {
    std::string out;
    for (const char letter : path) {
        out += letter;
        if (letter == ',') out += ',';
    }
    return out;
}

bool names_word(const std::vector<std::string>& words, std::string_view wanted) {
    return std::any_of(words.begin(), words.end(), [wanted](const std::string& word) {
        return word.find(wanted) != std::string::npos;
    });
}

struct Attachment {
    DiskBus bus;
    Literal controller;  // made once, in front of its first disk; empty = each disk is its own
    Literal device;      // of a disk, without its drive
};
constexpr Attachment kAttachments[] = {
    {DiskBus::kVirtio, "", "virtio-blk-pci"},
    {DiskBus::kVirtioScsi, "virtio-scsi-pci,id=scsi", "scsi-hd,bus=scsi.0"},
    {DiskBus::kAhci, "ich9-ahci,id=ahci", "ide-hd"},
    {DiskBus::kNvme, "", "nvme"},
    {DiskBus::kUsb, "qemu-xhci,id=usb", "usb-storage,bus=usb.0"},
};

const Attachment& attachment_of(DiskBus bus) {
    for (const Attachment& one : kAttachments)
        if (one.bus == bus) return one;
    return kAttachments[0];
}

// QEMU opens an overlay with snapshot=on; below that it has a descriptor that nothing can write to.
void add_host_disks(const std::vector<GuestDisk>& disks, std::vector<std::string>& command) {
    std::vector<DiskBus> made;
    for (std::size_t i = 0; i < disks.size(); ++i) {
        const Attachment& attachment = attachment_of(disks[i].bus);
        const auto same = std::count(made.begin(), made.end(), disks[i].bus);
        if (same == 0 && !attachment.controller.empty()) {
            command.emplace_back("-device");
            command.push_back(attachment.controller.str());
        }
        made.push_back(disks[i].bus);
        const std::string id = "host" + std::to_string(i), set = std::to_string(i + 1);
        std::string device = attachment.device.str() + ",drive=" + id;
        if (disks[i].bus == DiskBus::kAhci) device += ",bus=ahci." + std::to_string(same);
        if (disks[i].bus == DiskBus::kNvme) device += ",serial=" + id;
        const std::string drive = "if=none,format=raw,snapshot=on,id=" + id + ",file.driver=" +
                                  (is_block_device(disks[i].path) ? "host_device" : "file") +
                                  ",file.filename=/dev/fdset/" + set;
        for (std::string word :
             {std::string("-add-fd"), "fd=" + std::to_string(disks[i].descriptor) + ",set=" + set,
              std::string("-drive"), drive, std::string("-device"), device})
            command.push_back(std::move(word));
    }
}

std::string kernel_words(const BootRequest& request, bool is_told) {
    // A kernel that panics is to end the run, which -no-reboot makes of its reboot.
    std::string words = request.host_words + "console=ttyS0 panic=-1";
    const bool names_root = (" " + request.append).find(" root=") != std::string::npos;
    if (request.image.empty() && !request.disk.empty() && !names_root) words += " root=/dev/vda";
    if (is_told) words += " prologue.debug-exit";
    if (!request.append.empty()) words += " " + request.append;
    if (!request.init_words.empty()) words += " " + request.init_words;
    return words;
}

}  // namespace

std::vector<std::string> qemu_command(const BootRequest& request) {
    std::vector<std::string> command = {request.program, "-nodefaults", "-no-reboot",  "-display",
                                        "none",          "-serial",     "mon:stdio",   "-m",
                                        request.memory,  "-kernel",     request.kernel};
    const auto add = [&command](std::string option, std::string value) {
        command.push_back(std::move(option));
        command.push_back(std::move(value));
    };
    add("-accel", request.kvm ? "kvm" : "tcg");
    add("-cpu", request.kvm ? "host" : "max");
    if (!request.image.empty()) add("-initrd", request.image);
    // The device ends QEMU at once, before anything is synced: not where writes are to last.
    const bool is_told = !request.write_to_disk && !names_word(request.more, "isa-debug-exit");
    if (is_told) add("-device", "isa-debug-exit,iobase=0xf4,iosize=0x04");
    add("-append", kernel_words(request, is_told));
    if (!request.disk.empty()) {
        std::string drive = "if=virtio,format=";
        drive += request.disk_is_qcow2 ? "qcow2" : "raw";
        drive += request.write_to_disk ? ",snapshot=off" : ",snapshot=on";
        add("-drive", drive + ",file=" + escaped(request.disk));
    }
    add_host_disks(request.host_disks, command);
    command.insert(command.end(), request.more.begin(), request.more.end());
    return command;
}

Result<int> open_for_program(const std::string& path) {
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return fail(Error::system("open for reading", errno, path));
    // Another number than those of the standard streams, and without O_CLOEXEC.
    const int inherited = fcntl(file.get(), F_DUPFD, 10);
    if (inherited < 0) return fail(Error::system("open for reading", errno, path));
    return inherited;
}

Result<std::string> find_qemu() {
    return find_program(
        kProgram,
        "Debian and Ubuntu: 'apt install qemu-system-x86'; Fedora: 'dnf install qemu-system-x86'");
}

bool probe_kvm(const std::string& program, const std::string& kernel) {
    if (access("/dev/kvm", R_OK | W_OK) != 0) return false;
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    const Fd output(ends[0]);
    Fd input(ends[1]);
    BootRequest request;
    request.program = program;
    request.kernel = kernel;
    request.kvm = true;
    std::vector<std::string> command = qemu_command(request);
    std::replace(command.begin(), command.end(), std::string("mon:stdio"), std::string("stdio"));
    const std::vector<char*> arguments = c_arguments(command);
    const pid_t child = fork();
    if (child == 0) {
        const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        (void)dup2(null, STDIN_FILENO);
        (void)dup2(input.get(), STDOUT_FILENO);
        (void)dup2(null, STDERR_FILENO);
        (void)execv(arguments[0], arguments.data());
        _exit(127);
    }
    input.reset();
    if (child < 0) return false;
    const bool runs = says_within(output.get(), kProbeAnswer, kProbeBound);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, nullptr, 0);
    return runs;
}

Result<int> run_qemu(const std::vector<std::string>& command) {
    const std::vector<char*> arguments = c_arguments(command);
    // The keys are the guest's, or QEMU's, as long as it runs.
    (void)std::signal(SIGINT, SIG_IGN);
    (void)std::signal(SIGQUIT, SIG_IGN);
    const pid_t child = fork();
    if (child < 0) return fail(Error::system("run", errno, command.front()));
    if (child == 0) {
        (void)std::signal(SIGINT, SIG_DFL);
        (void)std::signal(SIGQUIT, SIG_DFL);
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);  // no machine outlives its command
        (void)execv(arguments[0], arguments.data());
        std::perror(arguments[0]);
        _exit(127);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return fail(Error::system("wait for", errno, command.front()));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace prologue::images
