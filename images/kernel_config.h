// SPDX-License-Identifier: MIT
// The config that a kernel was built with, as Kconfig writes it: "CONFIG_EXT4_FS=m".
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace prologue::images {

enum class Setting : std::uint8_t { kNo, kModule, kYes };

class KernelConfig {
  public:
    // `name` is where it comes from, for messages.
    KernelConfig(std::string name, std::string text);
    KernelConfig(const KernelConfig&) = delete;
    KernelConfig& operator=(const KernelConfig&) = delete;
    KernelConfig(KernelConfig&&) = default;
    KernelConfig& operator=(KernelConfig&&) = default;
    ~KernelConfig() = default;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& text() const { return text_; }
    // `symbol` without "CONFIG_". What is not named is kNo: Kconfig leaves out what cannot be chosen.
    [[nodiscard]] Setting setting(std::string_view symbol) const;
    [[nodiscard]] bool has(std::string_view symbol) const {
        return setting(symbol) == Setting::kYes;
    }

  private:
    std::string name_, text_;
    std::set<std::string, std::less<>> built_in_, modules_;
};

// True for a text that Kconfig could have written: at least one symbol is set.
bool is_kernel_config(std::string_view text);

}  // namespace prologue::images
