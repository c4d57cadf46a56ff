// SPDX-License-Identifier: MIT
// prologue boot: an image, a kernel and a disk under QEMU, on this terminal.
#include <cstdio>
#include <cstring>

#include "images/command.h"
#include "images/cpio_reader.h"
#include "images/host.h"
#include "images/problems.h"
#include "images/qemu.h"

namespace prologue::images {
namespace {

constexpr OptionRow kOptions[] = {
    {"--kernel", "", "FILE", "the kernel (default: that of the image's modules, else the newest)"},
    {"--disk", "", "FILE", "a virtio disk, raw or qcow2; what is written to it is thrown away"},
    {"--write", "", "", "keep what is written to the disk"},
    {"--append", "", "WORDS", "further words of the kernel command line"},
    {"--memory", "-m", "MIB", "memory of the guest (default: 256)"},
    {"--accel", "", "HOW", "auto (default: KVM only after a probe guest ran under it), kvm, tcg",
     "auto kvm tcg"},
    {"--print", "", "", "only show QEMU's command line"},
};

constexpr std::string_view kKernelPrefix = "vmlinuz-";

// VERSION of the image's lib/modules/VERSION; empty when it has none or cannot be read.
std::string version_of_image(const std::string& image) {
    const Result<std::string> data = image.empty() ? Result<std::string>("") : read_file(image);
    if (!data) return {};
    for (const ImageEntry& one : read_image(*data).entries) {
        std::string_view path = one.entry.path;
        for (const std::string_view place : {"lib/modules/", "usr/lib/modules/"})
            if (path.starts_with(place)) {
                path.remove_prefix(place.size());
                return std::string(path.substr(0, path.find('/')));
            }
    }
    return {};
}

Result<std::string> default_kernel(const std::string& image) {
    const std::string version = version_of_image(image);
    if (!version.empty()) {
        std::string matching = "/boot/" + std::string(kKernelPrefix) + version;
        if (exists(matching)) return matching;
        Error error = Error::not_found("find kernel", matching, "the image's modules are for it");
        error.hint = "'--kernel FILE' names one";
        return fail(std::move(error));
    }
    std::string newest;
    for (const std::string& name : list_directory("/boot").value_or(std::vector<std::string>()))
        if (name.starts_with(kKernelPrefix) &&
            (newest.empty() || strverscmp(newest.c_str(), name.c_str()) < 0))
            newest = name;
    if (!newest.empty()) return "/boot/" + newest;
    Error error = Error::not_found("find kernel", "/boot/vmlinuz-*");
    error.hint = "'--kernel FILE' names one";
    return fail(std::move(error));
}

// What QEMU would say less clearly, or only after it has started.
Result<> check_readable(const std::string& path) {
    if (path.empty()) return {};
    const Result<struct stat> info = stat_path(path);
    if (!info) return fail(Error(info.error()));
    return {};
}

Result<BootRequest> request_of(const CommandLineWords& line) {
    BootRequest request;
    request.program = TRY(find_qemu());
    if (!line.words.empty()) request.image = line.words.front();
    request.disk = line.value("--disk");
    TRY_VOID(check_readable(request.image));
    TRY_VOID(check_readable(request.disk));
    request.kernel = line.value("--kernel");
    if (request.kernel.empty()) request.kernel = TRY(default_kernel(request.image));
    TRY_VOID(check_readable(request.kernel));
    // The first four bytes tell a qcow2; everything else is taken as it is.
    const auto start =
        request.disk.empty() ? std::string() : read_start(request.disk, 4).value_or("");
    request.disk_is_qcow2 = start == "QFI\xfb";
    request.write_to_disk = line.has("--write");
    request.append = line.value("--append");
    request.memory = line.value("--memory", "256");
    request.more = line.rest;
    return request;
}

std::string quoted(std::string_view word) {
    const bool plain = !word.empty() && word.find_first_of(" '\"\\$`*?[&;|<>()#~!") == word.npos;
    if (plain) return std::string(word);
    std::string out = "'";
    for (const char letter : word)
        out += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return out + "'";
}

int run(const CommandLineWords& line) {
    const std::string accel = line.value("--accel", "auto");
    Result<BootRequest> request = request_of(line);
    if (!request) return report(request.error());
    const bool only_print = line.has("--print");
    request->kvm = accel == "kvm" ||
                   (accel == "auto" && !only_print && probe_kvm(request->program, request->kernel));
    const std::vector<std::string> command = qemu_command(*request);
    if (only_print) {
        std::string text;
        for (const std::string& word : command) text += (text.empty() ? "" : " ") + quoted(word);
        (void)std::printf("%s\n", text.c_str());
        return kExitClean;
    }
    Problems notes;
    if (!request->disk.empty() && !request->write_to_disk)
        notes.note("writes to " + request->disk + " are thrown away; '--write' keeps them");
    notes.note("under " + std::string(request->kvm ? "KVM" : "emulation") +
               "; Ctrl-A X ends the machine");
    notes.print();
    return report(run_qemu(command));
}

}  // namespace

constinit const Command kBoot = {
    "boot", "[IMAGE] [-- QEMU ARG…]", "boot an image under QEMU", kOptions, 0, 1, run};

}  // namespace prologue::images
