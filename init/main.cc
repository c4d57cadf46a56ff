// SPDX-License-Identifier: MIT
// prologue-init: /init of an initramfs, /sbin/modprobe for the kernel, and nothing else by hand.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

#include "init/boot.h"
#include "init/crash.h"
#include "init/modprobe.h"

// The C++ library ends in abort() on every broken invariant, and memory that runs out goes there
// too, and a library may exit(). These definitions win over the C library's, so that
// PID 1 never just dies.
extern "C" void abort() {
    prologue::die_of_abort();
}

extern "C" void exit(int status) {
    prologue::die_of_exit(status);
}

namespace {

constexpr char kUsage[] =
    "prologue-init is the init of an initramfs. It runs as PID 1 only:\n"
    "put it into an image with 'prologue initramfs CONF -o OUT' and boot that.\n";

std::string_view base_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

int main(int argc, char** argv, char** envp) {
    const std::string_view name = argc > 0 ? base_name(argv[0]) : std::string_view();
    if (name == "modprobe") return prologue::modprobe_main(argc, argv);
    if (getpid() == 1 && argc > 0) prologue::boot(argv, envp);
    (void)fputs(kUsage, stderr);
    return 2;
}
