// SPDX-License-Identifier: MIT
// Source: init_module(2), kernel/module/main.c and kernel/module/signing.c for what errno means.
#include "stages/kmod/module_failure.h"

#include <cerrno>
#include <cstring>

#include "init/base/compose.h"
#include "init/base/split.h"

namespace prologue {
namespace {

constexpr Literal kOp = "load module";

char folded(char c) {
    return c == '-' ? '_' : c;
}

// Takes the next blank-separated word off the front; quotes keep blanks together.
std::string_view next_word(std::string_view& text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    bool quoted = false;
    std::size_t end = 0;
    for (; end < text.size() && (quoted || text[end] != ' '); ++end) {
        if (text[end] == '"') quoted = !quoted;
    }
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

// What the command line sets for `module`, as "key=value key=\"a b\"".
std::string command_line_sets(const config::CommandLine& command_line, std::string_view module) {
    std::string all;
    for (const config::Parameter& parameter : command_line.parameters()) {
        const std::string_view name = parameter.name;
        const std::size_t dot = name.find('.');
        if (dot == std::string_view::npos || !same_module_name(name.substr(0, dot), module)) {
            continue;
        }
        if (!all.empty()) all += ' ';
        all += name.substr(dot + 1);
        if (!parameter.value) continue;
        const bool has_blank = parameter.value->find_first_of(" \t") != std::string::npos;
        all += has_blank ? compose("=\"{}\"", *parameter.value) : "=" + *parameter.value;
    }
    return all;
}

// Whether a list of parameters has one of that name.
bool sets(std::string_view parameters, std::string_view key) {
    while (true) {
        const std::string_view word = next_word(parameters);
        if (word.empty()) return false;
        if (same_module_name(word.substr(0, word.find('=')), key)) return true;
    }
}

template <class Number>
Number number_at(std::span<const unsigned char> bytes, std::size_t offset) {
    Number number = 0;
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

// e_shoff, e_shentsize and e_shnum of an ELF64 file in the machine's own byte order.
bool sections_fit(std::span<const unsigned char> head, std::uint64_t size) {
    constexpr unsigned char kClass64 = 2;
    if (head.size() < kModuleHeadSize) return false;
    if (head[4] != kClass64) return true;  // a 32-bit module: the kernel says what is wrong with it
    const auto offset = number_at<std::uint64_t>(head, 40);
    const std::uint64_t bytes =
        std::uint64_t{number_at<std::uint16_t>(head, 58)} * number_at<std::uint16_t>(head, 60);
    return offset <= size && bytes <= size - offset;
}

std::string first_word(std::string_view text) {
    return std::string(text.substr(0, text.find(' ')));
}

// Which module it was, where another one than the one asked for failed.
std::string subject(const ModuleFailure& failure) {
    if (same_module_name(failure.requested, failure.module)) return {};
    return compose("'{}' (needed for it): ", failure.module);
}

Error refused(const ModuleFailure& failure, const std::string& why, Text hint) {
    return Error::system(kOp, failure.errnum, failure.requested)
        .with_detail(subject(failure) + why)
        .with_hint(hint);
}

constexpr std::string_view kRebuild = "build the image for the kernel that it boots with";

Error explain_format(const ModuleFailure& failure) {
    const std::string built_for = first_word(failure.vermagic);
    switch (failure.format) {
        case ModuleFormat::kZstd:
        case ModuleFormat::kXz:
        case ModuleFormat::kGzip:
            return refused(failure, failure.path + " is compressed and cannot be read",
                           "store modules uncompressed in the image; compress the image instead");
        case ModuleFormat::kEmpty:
        case ModuleFormat::kTruncated:
            return refused(failure, failure.path + " is truncated", "build the image again");
        case ModuleFormat::kUnknown:
            return refused(failure, failure.path + " is not a module", "build the image again");
        case ModuleFormat::kElf: break;
    }
    if (!built_for.empty() && built_for != failure.release) {
        return refused(
            failure,
            compose("was built for kernel {}, this kernel is {}", built_for, failure.release),
            kRebuild);
    }
    return refused(
        failure,
        compose(
            "does not fit this kernel ({}){}", failure.release,
            failure.vermagic.empty() ? "" : compose(": its vermagic is '{}'", failure.vermagic)),
        "the kernel's own message says more; " + std::string(kRebuild));
}

Error explain_enoent(const ModuleFailure& failure) {
    const std::string release = failure.release;
    if (failure.path.empty() || !failure.file_is_there) {
        const std::string file = failure.path.empty() ? "its file" : failure.path;
        return Error::not_found(kOp, failure.requested,
                                compose("{}{} is missing in this image", subject(failure), file))
            .with_hint(
                "the list of modules names it, but the file was left out: build the image again");
    }
    return refused(
        failure, "needs a symbol that this kernel does not have (unknown symbol)",
        "a module that it depends on is missing in the image, or belongs to another kernel; "
        "the kernel's own message names the symbol");
}

constexpr std::string_view kKeepSignatures =
    "build the image without '--unsigned-modules'; a module of your own must be signed with a key "
    "that this kernel trusts";

Error explain_permission(const ModuleFailure& failure) {
    if (failure.is_blacklisted) {
        return refused(
            failure, "is on the kernel command line's module_blacklist=", "take it off that list");
    }
    if (!failure.is_signed) {
        return refused(failure,
                       "it has no signature, and the kernel does not take it: lockdown "
                       "(lockdown=, Secure Boot), or kernel.modules_disabled",
                       std::string(kKeepSignatures));
    }
    return refused(failure,
                   "the kernel does not take it: lockdown, kernel.modules_disabled, or a "
                   "missing signature",
                   "sign the module with a key that this kernel trusts");
}

// The kernel has one errno for what is not signed and for what is signed by somebody else.
Error explain_signature(const ModuleFailure& failure) {
    if (failure.is_signed) {
        return refused(failure, "its signature is refused",
                       "sign the module with a key that this kernel trusts");
    }
    return refused(failure,
                   "it has no signature, and this kernel demands one "
                   "(module.sig_enforce=1, or built so)",
                   std::string(kKeepSignatures));
}

}  // namespace

bool same_module_name(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (folded(a[i]) != folded(b[i])) return false;
    }
    return true;
}

std::string merge_parameters(std::string_view module, std::string_view of_line,
                             const config::CommandLine& command_line) {
    const std::string set = command_line_sets(command_line, module);
    std::string merged = command_line.is_restricted() ? set : std::string();
    while (true) {
        const std::string_view word = next_word(of_line);
        if (word.empty()) return merged;
        if (sets(set, word.substr(0, word.find('=')))) continue;
        if (!merged.empty()) merged += ' ';
        merged += word;
    }
}

bool command_line_lists(const config::CommandLine& command_line, std::string_view option,
                        std::string_view module) {
    for (const config::Parameter& parameter : command_line.parameters()) {
        if (parameter.name != option || !parameter.value) continue;
        std::string_view list = *parameter.value;
        while (!list.empty()) {
            if (same_module_name(take_part(list, ','), module)) return true;
        }
    }
    return false;
}

ModuleFormat identify_module_file(std::span<const unsigned char> head, std::uint64_t size) {
    struct Magic {
        Literal bytes;
        ModuleFormat format;
    };
    constexpr Magic kMagics[] = {
        {"\x28\xB5\x2F\xFD", ModuleFormat::kZstd},
        {"\xFD\x37\x7AXZ", ModuleFormat::kXz},
        {"\x1F\x8B", ModuleFormat::kGzip},
        {"\x7F\x45LF", ModuleFormat::kElf},
    };
    if (size == 0) return ModuleFormat::kEmpty;
    for (const Magic& magic : kMagics) {
        const std::string_view bytes = magic.bytes;
        if (head.size() < bytes.size()) continue;
        if (std::memcmp(head.data(), bytes.data(), bytes.size()) != 0) continue;
        if (magic.format != ModuleFormat::kElf || sections_fit(head, size)) return magic.format;
        return ModuleFormat::kTruncated;
    }
    return ModuleFormat::kUnknown;
}

Error explain_module_failure(const ModuleFailure& failure) {
    switch (failure.errnum) {
        case ENOENT: return explain_enoent(failure);
        case ENOEXEC: return explain_format(failure);
        case EPERM: return explain_permission(failure);
        case EKEYREJECTED:
        case ENOKEY:
        case EBADMSG:
        case ENOPKG: return explain_signature(failure);
        case ENODEV:
        case ENXIO:
            return refused(failure, "the driver found nothing that it can drive",
                           "leave it out on machines without that hardware");
        case EINVAL:
            if (failure.format != ModuleFormat::kElf) return explain_format(failure);
            return refused(failure, "a parameter has a wrong value, or a symbol another version",
                           "the kernel's own message says which");
        case ENOMEM:
            return refused(failure, "there is not enough memory", "give the machine more memory");
        default:
            return refused(failure, "its own start failed", "the kernel's own message may say why");
    }
}

Error explain_missing_module(const std::string& requested, const std::string& release,
                             bool has_directory, const std::vector<std::string>& others) {
    std::string why;
    if (has_directory) {
        why = "the image has no such module for kernel " + release;
    } else {
        why = compose("the image has no modules for this kernel ({})", release);
        if (!others.empty()) why += ", only for " + others.front();
    }
    return Error::not_found(kOp, requested, std::move(why))
        .with_hint(has_directory ? "check the name, or add the module when the image is built"
                                 : std::string(kRebuild));
}

}  // namespace prologue
