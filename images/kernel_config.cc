// SPDX-License-Identifier: MIT
#include "images/kernel_config.h"

#include "images/kernel_modules.h"

namespace prologue::images {
namespace {

constexpr std::string_view kPrefix = "CONFIG_";

}  // namespace

KernelConfig::KernelConfig(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
    std::string_view rest = text_;
    while (!rest.empty()) {
        std::string_view line = take_line(rest);
        if (!line.starts_with(kPrefix)) continue;
        line.remove_prefix(kPrefix.size());
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view value = line.substr(equals + 1);
        if (value == "y") built_in_.emplace(line.substr(0, equals));
        if (value == "m") modules_.emplace(line.substr(0, equals));
    }
}

Setting KernelConfig::setting(std::string_view symbol) const {
    if (built_in_.contains(symbol)) return Setting::kYes;
    return modules_.contains(symbol) ? Setting::kModule : Setting::kNo;
}

bool is_kernel_config(std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.starts_with(kPrefix) && line.ends_with("=y")) return true;
    }
    return false;
}

}  // namespace prologue::images
