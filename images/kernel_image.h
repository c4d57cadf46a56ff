// SPDX-License-Identifier: MIT
// A kernel as a boot loader reads it: the bzImage of x86, with the compressed kernel proper in it.
// Any bytes give an answer or an error; memory is bounded.
// Source: Linux Documentation/arch/x86/boot.rst; kernel/configs.c.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "init/base/error.h"

namespace prologue::images {

inline constexpr std::size_t kMaxKernelBytes = std::size_t{512} * 1024 * 1024;

struct KernelImage {
    std::string version;  // what uname -r will say
    bool is_64_bit = true;
    std::string vermagic;  // what its modules must have; empty when it is not to be found
    std::string config;    // the one it carries (CONFIG_IKCONFIG); empty for none
    // Why the kernel proper could not be looked into; of the rest only the version is known then.
    std::string sealed;
};

// True for what begins as a bzImage does.
bool is_kernel_image(std::string_view bytes);

// `limit` bounds, in bytes, what the kernel may unpack to. kRefused for what is no bzImage and for a
// damaged one. A compression that this tool cannot undo is no error: see `sealed`.
Result<KernelImage> read_kernel_image(std::string_view bytes, std::size_t limit = kMaxKernelBytes);

}  // namespace prologue::images
