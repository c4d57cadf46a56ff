// SPDX-License-Identifier: MIT
// The host tool `prologue`: checks configs, builds images, looks into them, boots them under QEMU.
#include "images/command.h"

int main(int argc, char** argv) {
    const std::size_t count = argc > 1 ? static_cast<std::size_t>(argc) - 1 : 0;
    return prologue::images::run_tool({argv + (argc > 0 ? 1 : 0), count});
}
