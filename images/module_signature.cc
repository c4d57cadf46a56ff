// SPDX-License-Identifier: MIT
#include "images/module_signature.h"

#include <optional>

#include "images/host.h"
#include "images/modinfo.h"
#include "stages/kmod/module_failure.h"

namespace prologue::images {
namespace {

// struct module_signature: algo, hash, id_type, signer_len, key_id_len, three bytes of padding, and
// the length of the message in network byte order.
constexpr std::size_t kTrailerBytes = 12;
constexpr std::size_t kTypeAt = 2, kLengthAt = 8;
constexpr unsigned char kPkcs7 = 2;

Error broken(std::string why) {
    return Error::refused("read the signature", {}, std::move(why))
        .with_hint("the kernel would refuse it; install the kernel's package again");
}

// As mod_check_sig() has it: with PKCS#7 all but the type and the length is zero.
Result<std::size_t> message_length(std::string_view trailer) {
    if (static_cast<unsigned char>(trailer[kTypeAt]) != kPkcs7)
        return fail(broken("it is no PKCS#7 message"));
    for (std::size_t i = 0; i < kLengthAt; ++i)
        if (i != kTypeAt && trailer[i] != '\0') return fail(broken("its trailer is damaged"));
    std::size_t length = 0;
    for (const char byte : trailer.substr(kLengthAt))
        length = length << 8 | static_cast<unsigned char>(byte);
    return length;
}

// A line of a kernel config that decides, and what it means.
struct Line {
    Literal text;
    SignatureRule::Kind kind;
};
constexpr Line kLines[] = {
    {"CONFIG_MODULE_SIG_FORCE=y", SignatureRule::Kind::kRefused},
    {"CONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY=y", SignatureRule::Kind::kRefused},
    {"CONFIG_LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY=y", SignatureRule::Kind::kRefused},
    // A patch of Debian and Fedora.
    {"CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT=y", SignatureRule::Kind::kRefusedUnderSecureBoot},
};

// "/x" of "/x/usr/lib/modules/VERSION"; none of a directory that lies elsewhere.
std::optional<std::string_view> root_of(std::string_view directory) {
    for (const std::string_view place : {"/usr/lib/modules", "/lib/modules"}) {
        const std::string_view parent = parent_of(directory);
        if (parent.ends_with(place)) return parent.substr(0, parent.size() - place.size());
    }
    return std::nullopt;
}

}  // namespace

Result<std::string_view> without_signature(std::string_view module) {
    while (module.ends_with(kModuleSignatureMark.view())) {
        std::string_view rest =
            module.substr(0, module.size() - kModuleSignatureMark.view().size());
        if (rest.size() < kTrailerBytes) return fail(broken("its trailer is cut off"));
        const std::size_t end = rest.size() - kTrailerBytes;
        const std::size_t length = TRY(message_length(rest.substr(end)));
        if (length >= end) return fail(broken("it claims to be longer than the module"));
        module = rest.substr(0, end - length);
    }
    return module;
}

SignatureRule signature_rule_of(const std::string& name, std::string_view config) {
    SignatureRule rule;
    while (!config.empty()) {
        const std::string_view line = take_line(config);
        for (const Line& one : kLines)
            if (one.text.view() == line && one.kind > rule.kind)
                rule = {one.kind, one.text.str() + " in " + name};
    }
    return rule;
}

SignatureRule signature_rule(const std::string& module_directory) {
    std::vector<std::string> files = {join_path(module_directory, "config")};
    const auto root = root_of(module_directory);
    if (root)
        files.push_back(std::string(*root) + "/boot/config-" +
                        std::string(base_name(module_directory)));
    for (const std::string& file : files) {
        const Result<std::string> text = read_file(file);
        if (text) return signature_rule_of(file, *text);
    }
    return {};
}

void check_unsigned(std::string_view version, const SignatureRule& rule,
                    const std::vector<std::string>& modules, Problems& problems) {
    if (modules.empty() || rule.kind == SignatureRule::Kind::kTaken) return;
    const bool always = rule.kind == SignatureRule::Kind::kRefused;
    const std::string message =
        "kernel " + std::string(version) + " refuses modules without a signature" +
        (always ? " (" : " under Secure Boot (") + rule.reason + "): " + some_of(modules);
    const char* hint = "build without '--unsigned-modules', or sign them with a key it trusts";
    if (always)
        problems.error(message, hint);
    else
        problems.warning(message, hint);
}

void check_unsigned_files(const ModuleTree& tree, const Closure& closure, Problems& problems) {
    const SignatureRule rule = signature_rule(tree.directory());
    if (rule.kind == SignatureRule::Kind::kTaken) return;
    std::vector<std::string> names;
    for (const Module* module : closure.load_order()) {
        const std::string path = join_path(tree.directory(), module->path);
        Result<std::string> data = read_file(path);
        if (data) data = unpack_module(std::move(*data));
        const Result<std::string_view> bare =
            data ? without_signature(*data) : Result<std::string_view>(fail(Error(data.error())));
        if (!bare)
            problems.error(Error(bare.error()).with_object(path));
        else if (bare->size() == data->size())
            names.push_back(module->name);
    }
    check_unsigned(tree.version(), rule, names, problems);
}

}  // namespace prologue::images
