// SPDX-License-Identifier: MIT
// Kernel files, as `check --kernel VMLINUZ` reads them: an answer or an error, and what is given as text
// can be shown.
#include "images/kernel_config.h"
#include "images/kernel_image.h"
#include "tests/fuzz/fuzz.h"

namespace prologue::fuzz {
namespace {

constexpr std::size_t kLimit = std::size_t{4} * 1024 * 1024;

}  // namespace

void fuzz_one(std::string_view input) {
    const Result<images::KernelImage> kernel = images::read_kernel_image(input, kLimit);
    if (!kernel) {
        HOLDS(!describe(kernel.error()).empty());
        HOLDS(is_printable(kernel.error()->detail));
        return;
    }
    HOLDS(images::is_kernel_image(input));
    HOLDS(!kernel->version.empty() && is_printable(kernel->version));
    HOLDS(kernel->version.find('/') == std::string::npos);
    HOLDS(kernel->vermagic.empty() || kernel->vermagic.starts_with(kernel->version + " "));
    HOLDS(is_printable(kernel->sealed));
    const images::KernelConfig config("fuzz", kernel->config);
    HOLDS(config.setting("") == images::Setting::kNo || !kernel->config.empty());
}

}  // namespace prologue::fuzz
