// SPDX-License-Identifier: MIT
// prologue boot: an image, a kernel and a disk under QEMU, on this terminal.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "images/command.h"
#include "images/cpio_reader.h"
#include "images/host.h"
#include "images/host_boot.h"
#include "images/image_modules.h"
#include "images/image_rules.h"
#include "images/input.h"
#include "images/problems.h"
#include "images/qemu.h"

namespace prologue::images {
namespace {

constexpr OptionRow kOptions[] = {
    {"--kernel", "", "FILE", "the kernel (default: that of the image's modules, else the newest)"},
    {"--disk", "", "FILE", "a virtio disk, raw or qcow2; what is written to it is thrown away"},
    {"--write", "", "", "keep what is written to the disk"},
    {"--host", "", "",
     "the running machine's command line, disks, which are only read, and kernel"},
    {"--sysroot", "", "DIR",
     "with --host: the machine whose /proc, /sys, /dev and /boot are below DIR"},
    {"--append", "", "WORDS", "further words of the kernel command line"},
    {"--memory", "-m", "MIB", "memory of the guest (default: 256, with --host 1024)"},
    {"--accel", "", "HOW", "auto (default: KVM only after a probe guest ran under it), kvm, tcg",
     "auto kvm tcg"},
    {"--print", "", "", "only show QEMU's command line, with what --accel found"},
};

constexpr std::string_view kKernelPrefix = "vmlinuz-";

// VERSION of the image's lib/modules/VERSION; empty when it has none.
std::string version_of_image(const ImageContents& image) {
    for (const ImageEntry& one : image.entries) {
        const std::string_view version = kernel_of_path(one.entry.path);
        if (!version.empty()) return std::string(version);
    }
    return {};
}

// The kernel in `directory` that the image's modules are for; empty when it has none.
Result<std::string> kernel_of_modules(const ImageContents& image, const std::string& directory) {
    const std::string version = version_of_image(image);
    if (version.empty()) return std::string();
    std::string matching = join_path(directory, std::string(kKernelPrefix) + version);
    if (exists(matching)) return matching;
    Error error = Error::not_found("find kernel", matching, "the image's modules are for it");
    error->hint = "'--kernel FILE' names one";
    return fail(std::move(error));
}

Result<std::string> default_kernel(const ImageContents& image) {
    std::string matching = TRY(kernel_of_modules(image, "/boot"));
    if (!matching.empty()) return matching;
    std::string newest;
    for (const std::string& name : list_directory("/boot").value_or(std::vector<std::string>()))
        if (name.starts_with(kKernelPrefix) &&
            (newest.empty() || strverscmp(newest.c_str(), name.c_str()) < 0))
            newest = name;
    if (!newest.empty()) return "/boot/" + newest;
    Error error = Error::not_found("find kernel", "/boot/vmlinuz-*");
    error->hint = "'--kernel FILE' names one";
    return fail(std::move(error));
}

// What QEMU would say less clearly, or only after it has started.
Result<> check_readable(const std::string& path) {
    if (!path.empty()) TRY(read_start(path, 1));
    return {};
}

// A config by fw_cfg that this image would never ask for.
void check_fw_cfg(const BootRequest& request, const ImageContents& image, Problems& problems) {
    const auto& more = request.more;
    const bool given = std::any_of(more.begin(), more.end(), [](const std::string& word) {
        return word.find("opt/prologue/config") != std::string::npos;
    });
    if (!given || request.image.empty()) return;
    bool has_driver = false;
    for (const ImageEntry& one : image.entries) {
        if (one.entry.path == kLockedMarker)
            return problems.warning("the image is locked and takes no config from fw_cfg");
        has_driver |= base_name(one.entry.path) == "qemu_fw_cfg.ko";
    }
    if (!has_driver)
        problems.warning("the image has no qemu_fw_cfg module, so it ignores the config of fw_cfg",
                         "build it with '--for qemu'; a kernel that has it built in needs none");
}

Result<BootRequest> request_of(const CommandLineWords& line, Problems& notes) {
    BootRequest request;
    request.program = TRY(find_qemu());
    if (!line.words.empty()) request.image = line.words.front();
    ImageContents image;
    if (!request.image.empty())
        image = read_image(TRY(read_input(request.image, Wanted::kImage)).data);
    request.disk = line.value("--disk");
    TRY_VOID(check_readable(request.disk));
    request.kernel = line.value("--kernel");
    request.append = line.value("--append");
    request.more = line.rest;
    if (line.has("--host")) {
        const Sysroot machine(line.value("--sysroot"));
        if (request.kernel.empty())
            request.kernel = TRY(kernel_of_modules(image, machine.at("/boot")));
        TRY_VOID(add_machine(machine, request));
    }
    if (request.kernel.empty()) request.kernel = TRY(default_kernel(image));
    TRY_VOID(check_readable(request.kernel));
    // The first four bytes tell a qcow2; everything else is taken as it is.
    const auto start =
        request.disk.empty() ? std::string() : read_start(request.disk, 4).value_or("");
    request.disk_is_qcow2 = start == "QFI\xfb";
    request.write_to_disk = line.has("--write");
    request.memory = line.value("--memory", line.has("--host") ? "1024" : "256");
    check_fw_cfg(request, image, notes);
    return request;
}

std::string quoted(std::string_view word) {
    const bool plain =
        !word.empty() && word.find_first_of(" '\"\\$`*?[&;|<>()#~!") == std::string_view::npos;
    if (plain) return std::string(word);
    std::string out = "'";
    for (const char letter : word)
        out += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return out + "'";
}

// As a line for a shell.
int print_command(const BootRequest& request, const std::vector<std::string>& command) {
    std::string text;
    for (const std::string& word : command) text += (text.empty() ? "" : " ") + quoted(word);
    for (const GuestDisk& disk : request.host_disks)
        text += " " + std::to_string(disk.descriptor) + "<" + quoted(disk.path);
    (void)std::printf("%s\n", text.c_str());
    return kExitClean;
}

// What the guest reported, as an exit code of this tool.
int exit_code_of(int status) {
    switch (status) {
        case kGuestSuccess: return kExitClean;
        case kGuestFailure: break;
        default: return status;  // QEMU's own, or a guest that reports nothing: 0
    }
    Problems problems;
    problems.error("the guest reports that its boot failed", "its messages above say why");
    problems.print();
    return kExitErrors;
}

// Why the options do not go together; empty when they do.
std::string contradiction(const CommandLineWords& line) {
    if (!line.has("--host"))
        return line.has("--sysroot") ? "'--sysroot' is for '--host'" : std::string();
    if (line.has("--write")) return "'--host' only reads the machine's disks: no '--write'";
    if (line.has("--disk")) return "'--host' brings the machine's disks: no '--disk'";
    return line.words.empty() ? "'--host' tries an image: name it" : std::string();
}

int run(const CommandLineWords& line) {
    const std::string against = contradiction(line);
    if (!against.empty()) return usage_error(against);
    const std::string accel = line.value("--accel", "auto");
    Problems notes;
    Result<BootRequest> request = request_of(line, notes);
    if (!request) return report(request.error());
    request->kvm =
        accel == "kvm" || (accel == "auto" && probe_kvm(request->program, request->kernel));
    const Result<> opened = open_disks(*request);
    if (!opened) return report(opened.error());
    const std::vector<std::string> command = qemu_command(*request);
    if (!request->host_disks.empty()) explain_host_boot(*request, notes);
    if (!request->disk.empty() && !request->write_to_disk)
        notes.note("writes to " + request->disk + " are thrown away; '--write' keeps them");
    notes.note("under " + std::string(request->kvm ? "KVM" : "emulation") +
               "; Ctrl-A X ends the machine");
    notes.print();
    if (line.has("--print")) return print_command(*request, command);
    const Result<int> status = run_qemu(command);
    return status ? exit_code_of(*status) : report(status.error());
}

}  // namespace

constinit const Command kBoot = {
    "boot", "[IMAGE] [-- QEMU ARG…]", "boot an image under QEMU", kOptions, 0, 1,
    run,    BehindDashes::kVerbatim};

}  // namespace prologue::images
