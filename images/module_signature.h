// SPDX-License-Identifier: MIT
// The signature behind a kernel module: the message (PKCS#7), a struct module_signature that says how
// long it is, and a line of text that says there is one. Source: kernel/module_signature.c.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "images/closure.h"
#include "images/kernel_modules.h"
#include "images/problems.h"
#include "init/base/error.h"

namespace prologue::images {

// The module in front of all its signatures, for some are signed twice. One without any is given
// back whole; one whose trailer the kernel could not read either is kRefused.
Result<std::string_view> without_signature(std::string_view module);

// What the config of a kernel says about modules without a signature.
struct SignatureRule {
    enum class Kind { kTaken, kRefusedUnderSecureBoot, kRefused } kind = Kind::kTaken;
    std::string reason;  // "CONFIG_MODULE_SIG_FORCE=y in /boot/config-6.1.0"
};

// Reads DIR/config or, of the root that lib/modules/VERSION lies in, boot/config-VERSION. Where there
// is neither nothing is known, and so they are taken.
SignatureRule signature_rule(const std::string& module_directory);
// The same of a config; `name` is the place that the reason names.
SignatureRule signature_rule_of(const std::string& name, std::string_view config);

// An error when that kernel refuses these modules, which go without a signature, and a warning when
// it does so under Secure Boot only.
void check_unsigned(std::string_view version, const SignatureRule& rule,
                    const std::vector<std::string>& modules, Problems& problems);

// The same for modules as they lie on disk.
void check_unsigned_files(const ModuleTree& tree, const Closure& closure, Problems& problems);

}  // namespace prologue::images
