// SPDX-License-Identifier: MIT
// Where one kernel, with one image, gets a driver from.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "images/image_check.h"
#include "images/image_modules.h"
#include "images/kernel_file.h"
#include "images/plan_modules.h"

namespace prologue::images {

struct DriverPlace {
    enum class Kind : std::uint8_t { kInImage, kBuiltIn, kMissing, kUnknown } kind = Kind::kUnknown;
    std::string reason;  // of kMissing: "it is a module of this kernel (CONFIG_EXT4_FS=m in …)"
};

class KernelDrivers {
  public:
    // Both must outlive it.
    KernelDrivers(const CheckedImage& image, const KernelFile& kernel);

    // A filesystem's driver or a module, by name or alias.
    [[nodiscard]] DriverPlace find(const ModuleWish& wish) const;
    // Whether any filesystem of a disk is known to have one.
    [[nodiscard]] bool can_mount_a_disk() const;
    // Those of this kernel that the image has; null for none.
    [[nodiscard]] const std::vector<ImageModule>* modules() const { return modules_; }

  private:
    [[nodiscard]] bool is_in_image(std::string_view name) const;
    [[nodiscard]] bool is_built_in(std::string_view name) const;
    [[nodiscard]] DriverPlace by_config(const ModuleWish& wish) const;

    const KernelFile* kernel_;
    const std::vector<ImageModule>* modules_ = nullptr;
    Carried carried_;
};

}  // namespace prologue::images
