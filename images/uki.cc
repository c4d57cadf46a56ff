// SPDX-License-Identifier: MIT
#include "images/uki.h"

#include <algorithm>

#include "config/utf8.h"
#include "images/kernel_image.h"
#include "images/programs.h"

namespace prologue::images {
namespace {

// COMMAND_LINE_SIZE of x86 with the end of the string.
constexpr std::size_t kMaxCmdlineBytes = 2047, kMaxOsrelBytes = std::size_t{64} * 1024;
// The firmware protects pages of memory, not bytes.
constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kMaxAddress = 0xffffffff;
// In the order of the file.
constexpr std::string_view kSectionNames[] = {".osrel", ".cmdline", ".uname", ".initrd", ".linux"};

std::uint64_t rounded_up(std::uint64_t number, std::uint64_t multiple) {
    return (number + multiple - 1) / multiple * multiple;
}

void check_cmdline(const std::string& words, Problems& problems) {
    if (words.find_first_not_of(' ') == std::string::npos)
        return problems.error("the command line is empty",
                              "without one the stub takes what the firmware or a boot menu says, "
                              "under Secure Boot too; 'quiet' would do");
    if (words.size() > kMaxCmdlineBytes)
        problems.error("the command line has " + std::to_string(words.size()) +
                       " bytes, and the kernel takes " + std::to_string(kMaxCmdlineBytes));
    for (std::size_t at = 0; at < words.size();) {
        const config::Character character = config::character_at(words, at);
        if (!character.valid || config::is_control(character.code_point))
            return problems.error("the command line has a character at byte " +
                                      std::to_string(at + 1) + " that it cannot hold",
                                  "it is one line of UTF-8: the kernel reads no further than that");
        at += character.length;
    }
}

void check_osrel(const NamedBytes& osrel, Problems& problems) {
    const bool is_text = osrel.data.find('\0') == std::string::npos &&
                         osrel.data.find("ID=") != std::string::npos &&
                         osrel.data.size() <= kMaxOsrelBytes;
    if (!osrel.data.empty() && !is_text)
        problems.error(osrel.name + " is no os-release file", "see os-release(5)");
}

// Nothing when it is one that the stub can start.
std::string kernel_problem(const std::string& bytes, const std::optional<PeImage>& stub,
                           std::string& hint) {
    if (!is_pe(bytes)) {
        hint = is_kernel_image(bytes) ? "the kernel needs CONFIG_EFI_STUB=y"
                                      : "name what the boot loader reads: /boot/vmlinuz-VERSION";
        return is_kernel_image(bytes) ? "is a kernel without an EFI stub"
                                      : "is no kernel with an EFI stub";
    }
    const Result<PeImage> kernel = read_pe(bytes);
    if (!kernel) return kernel.error()->detail;
    if (kernel->find(".linux") != nullptr) {
        hint = "name the kernel that it was made of";
        return "is a unified kernel image already";
    }
    if (!kernel->is_efi_program) return "is no program that EFI would start";
    if (!stub || kernel->machine == stub->machine) return {};
    hint = "'--stub' names one for it";
    return "is for " + pe_machine_name(kernel->machine) + ", and the stub for " +
           pe_machine_name(stub->machine);
}

void check_kernel(UkiParts& parts, const std::optional<PeImage>& stub, Problems& problems) {
    std::string hint;
    const std::string problem = kernel_problem(parts.kernel.data, stub, hint);
    if (!problem.empty()) return problems.error(parts.kernel.name + " " + problem, hint);
    if (!is_kernel_image(parts.kernel.data)) return;  // of another machine: only EFI knows it
    const Result<KernelImage> kernel = read_kernel_image(parts.kernel.data);
    if (!kernel) return problems.error(Error(kernel.error()).with_object(parts.kernel.name));
    if (parts.uname.empty()) parts.uname = kernel->version;
    if (parts.uname != kernel->version)
        problems.error(parts.kernel.name + " is " + kernel->version + ", not " + parts.uname);
}

std::optional<PeImage> check_stub(const NamedBytes& stub, Problems& problems) {
    Result<PeImage> read = read_pe(stub.data);
    Result<> sound;
    if (read) sound = check_pe_layout(*read);
    if (!read || !sound) {
        problems.error(Error(read ? sound.error() : read.error()).with_object(stub.name));
        return std::nullopt;
    }
    if (read->is_signed)
        problems.error(stub.name + " is signed, which ends with the first section added to it",
                       "name the unsigned one: the whole is signed instead");
    for (const std::string_view name : kSectionNames)
        if (read->find(name) != nullptr)
            problems.error(stub.name + " is no stub: it has a section '" + std::string(name) +
                           "' already");
    if (stub.data.find("systemd-stub") == std::string::npos)
        problems.warning(stub.name + " does not say that it is systemd's stub",
                         "another one must read the same sections, .cmdline and .initrd too");
    return std::move(*read);
}

void check_modules_of(const std::string& version, const CheckedImage& image,
                      const std::string& name, Problems& problems) {
    if (version.empty() || image.modules.empty() || image.modules.contains(version)) return;
    problems.error(name + " has no modules of kernel " + version + ", only of " +
                   image.modules.begin()->first);
}

// What a program has said last, without the blank lines.
std::string last_line(std::string_view output) {
    while (output.ends_with('\n')) output.remove_suffix(1);
    return std::string(output.substr(output.rfind('\n') + 1));
}

std::string hexadecimal(std::uint64_t number) {
    std::string digits;
    for (; number != 0 || digits.empty(); number /= 16)
        digits.insert(digits.begin(), "0123456789abcdef"[number % 16]);
    return "0x" + digits;
}

// The stub loses its symbols, which nothing reads at boot.
Result<std::string> add_sections(const std::string& objcopy, const NamedBytes& stub,
                                 std::uint64_t base, const std::vector<UkiSection>& sections) {
    std::vector<std::string> command = {objcopy, "--strip-all"};
    std::vector<MemoryFile> contents;
    for (const UkiSection& section : sections) {
        contents.push_back(TRY(MemoryFile::create(section.content)));
        const std::string name = std::string(section.name) + "=";
        command.emplace_back("--add-section");
        command.push_back(name + contents.back().path());
        command.emplace_back("--change-section-vma");
        command.push_back(name + hexadecimal(base + section.address));
    }
    const MemoryFile input = TRY(MemoryFile::create(stub.data));
    const MemoryFile output = TRY(MemoryFile::create());
    command.push_back(input.path());
    command.push_back(output.path());
    const ProgramResult result = TRY(run_to_end(command));
    if (result.status != 0)
        return fail(Error::refused("add sections to", stub.name, last_line(result.output)));
    return output.read();
}

Unexpected unsound(std::string why) {
    return fail(Error::refused("check", "the unified kernel image", std::move(why))
                    .with_hint("try another version of objcopy, or of the stub"));
}

struct BuiltUki {
    std::string_view bytes;
    const PeImage& image;
};

// `wanted` says the name, and the address and size in memory.
Result<> check_section(const BuiltUki& built, const PeSection& wanted, std::string_view content) {
    const std::string name = "its section '" + wanted.name + "'";
    const PeSection* section = built.image.find(wanted.name);
    if (section == nullptr) return unsound(name + " is missing");
    if (section->address != wanted.address) return unsound(name + " is at another address");
    if (section->size != wanted.size || content_of(built.bytes, *section) != content)
        return unsound(name + " has another content");
    return {};
}

}  // namespace

std::optional<PeImage> check_uki_parts(UkiParts& parts, const CheckedImage& image,
                                       Problems& problems) {
    std::optional<PeImage> stub = check_stub(parts.stub, problems);
    check_kernel(parts, stub, problems);
    check_modules_of(parts.uname, image, parts.initrd.name, problems);
    check_cmdline(parts.cmdline, problems);
    check_osrel(parts.osrel, problems);
    return stub;
}

Result<std::vector<UkiSection>> lay_out_uki(const PeImage& stub, const UkiParts& parts) {
    std::uint64_t end = stub.image_size;
    for (const PeSection& section : stub.sections)
        end = std::max(end, section.address + section.size);
    // The kernel is the last: a stub that starts it where it lies gives it the room behind it.
    const std::string_view contents[] = {parts.osrel.data, parts.cmdline, parts.uname,
                                         parts.initrd.data, parts.kernel.data};
    std::vector<UkiSection> sections;
    for (std::size_t i = 0; i < std::size(contents); ++i)
        if (!contents[i].empty()) sections.push_back({kSectionNames[i], contents[i]});
    const std::uint64_t alignment = std::max(kPageBytes, stub.section_alignment);
    for (UkiSection& section : sections) {
        section.address = rounded_up(end, alignment);
        end = section.address + section.content.size();
        if (end > kMaxAddress)
            return fail(Error::refused("lay out", "the unified kernel image",
                                       "its parts are larger than 4 GiB together"));
    }
    return sections;
}

Result<> check_uki(std::string_view bytes, const UkiParts& parts, const PeImage& stub,
                   const std::vector<UkiSection>& sections) {
    const Result<PeImage> image = read_pe(bytes);
    if (!image) return unsound(image.error()->detail);
    const Result<> layout = check_pe_layout(*image);
    if (!layout) return unsound(layout.error()->detail);
    const BuiltUki built{bytes, *image};
    for (const PeSection& section : stub.sections)
        TRY_VOID(check_section(built, section, content_of(parts.stub.data, section)));
    for (const UkiSection& section : sections) {
        const PeSection wanted{std::string(section.name), section.address, section.content.size()};
        TRY_VOID(check_section(built, wanted, section.content));
    }
    return {};
}

Result<std::string> build_uki(const UkiParts& parts, const PeImage& stub) {
    const std::string objcopy =
        TRY(find_program("objcopy", "Debian, Ubuntu and Fedora have it in the package 'binutils'"));
    const std::vector<UkiSection> sections = TRY(lay_out_uki(stub, parts));
    std::string bytes = TRY(add_sections(objcopy, parts.stub, stub.base, sections));
    const Result<PeImage> built = read_pe(bytes);
    if (!built) return unsound(built.error()->detail);
    // objcopy writes the time of day.
    stamp_pe(bytes, *built, stub.timestamp);
    TRY_VOID(check_uki(bytes, parts, stub, sections));
    return bytes;
}

}  // namespace prologue::images
