// SPDX-License-Identifier: MIT
// prologue uki: kernel, image and command line as one program that the firmware starts.
#include "images/command.h"
#include "images/host.h"
#include "images/image_check.h"
#include "images/image_rules.h"
#include "images/input.h"
#include "images/uki.h"
#include "images/uki_sign.h"

namespace prologue::images {
namespace {

constexpr std::string_view kStub = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub";
constexpr std::string_view kOsRelease = "/etc/os-release";
constexpr mode_t kUkiMode = 0600;  // the initramfs in it may hold keys

constexpr OptionRow kOptions[] = {
    {"--linux", "", "FILE", "the kernel, with its EFI stub: /boot/vmlinuz-VERSION"},
    {"--initrd", "", "FILE", "the image, of 'prologue initramfs'"},
    {"--cmdline", "", "WORDS", "the kernel command line"},
    {"--output", "-o", "OUT", "the unified kernel image; '-' is standard output"},
    {"--stub", "", "FILE", "systemd's stub (default: linuxx64.efi.stub of this machine)"},
    {"--osrel", "", "FILE", "what a boot menu shows (default: /etc/os-release, if it is there)"},
    {"--uname", "", "RELEASE", "the kernel's version (default: what it says of itself)"},
    {"--sign", "", "KEY CERT", "sign it for Secure Boot, with files in PEM form"},
};

Result<NamedBytes> read_named(const std::string& path) {
    NamedBytes file;
    file.name = path;
    file.data = TRY(read_file(path));
    return file;
}

Result<NamedBytes> read_stub(const CommandLineWords& line) {
    if (line.has("--stub")) return read_named(line.value("--stub"));
    if (exists(std::string(kStub))) return read_named(std::string(kStub));
    return fail(Error::not_found("find stub", std::string(kStub))
                    .with_hint("Debian and Ubuntu: 'apt install systemd-boot-efi'; Fedora: 'dnf "
                               "install systemd-boot-unsigned'; '--stub FILE' names another"));
}

Result<UkiParts> read_parts(const CommandLineWords& line) {
    UkiParts parts;
    parts.stub = TRY(read_stub(line));
    parts.kernel = TRY(read_named(line.value("--linux")));
    Input initrd = TRY(read_input(line.value("--initrd"), Wanted::kImage));
    parts.initrd = {std::move(initrd.name), std::move(initrd.data)};
    parts.cmdline = line.value("--cmdline");
    const std::string osrel = line.value("--osrel", std::string(kOsRelease));
    if (line.has("--osrel") || exists(osrel)) parts.osrel = TRY(read_named(osrel));
    parts.uname = line.value("--uname");
    return parts;
}

// What a signature does not keep out.
void warn_of_shell(const CheckedImage& image, Problems& problems) {
    if (has_our_init(image.tree) && !image.tree.contains(kLockedMarker))
        problems.warning("the image is not locked: a boot that fails opens a shell, signed or not",
                         "build it with 'prologue initramfs --locked'");
}

// Nothing when all that is needed is there.
std::string usage_problem(const CommandLineWords& line) {
    for (const char* option : {"--linux", "--initrd", "--cmdline", "--output"})
        if (!line.has(option)) return "'" + std::string(option) + "' is missing";
    if (line.values("--sign").size() > 2) return "'--sign' stands there twice";
    return {};
}

Result<> keep_parts(const CommandLineWords& line) {
    std::vector<std::string> inputs;
    for (const char* option : {"--linux", "--initrd", "--stub", "--osrel"})
        if (line.has(option)) inputs.push_back(line.value(option));
    for (const std::string& file : line.values("--sign")) inputs.push_back(file);
    return keep_inputs(line.value("--output"), inputs);
}

Result<> write_uki(const CommandLineWords& line, const UkiParts& parts, const PeImage& stub) {
    std::string bytes = TRY(build_uki(parts, stub));
    const std::vector<std::string> signer = line.values("--sign");
    if (!signer.empty()) bytes = TRY(sign_efi_program(bytes, {signer[0], signer[1]}));
    return write_output(line.value("--output"), bytes, kUkiMode);
}

int run(const CommandLineWords& line) {
    const std::string problem = usage_problem(line);
    if (!problem.empty()) return usage_error(problem, "'prologue uki --help' explains it");
    const Result<> kept = keep_parts(line);
    if (!kept) return report(kept.error());
    Result<UkiParts> parts = read_parts(line);
    if (!parts) return report(parts.error());
    Problems problems;
    const CheckedImage image = check_image(parts->initrd.name, parts->initrd.data, problems);
    const std::optional<PeImage> stub = check_uki_parts(*parts, image, problems);
    if (line.has("--sign")) warn_of_shell(image, problems);
    problems.print();
    if (!stub || problems.has_errors()) return kExitErrors;
    const Result<> written = write_uki(line, *parts, *stub);
    return written ? kExitClean : report(written.error());
}

}  // namespace

constinit const Command kUki = {"uki",
                                "--linux FILE --initrd FILE --cmdline WORDS -o OUT",
                                "join kernel, image and command line into one EFI program",
                                kOptions,
                                0,
                                0,
                                run};

}  // namespace prologue::images
