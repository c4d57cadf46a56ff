// SPDX-License-Identifier: MIT
#include "init/modprobe.h"

#include <string_view>

#include "config/cmdline.h"
#include "init/base/sys_linux.h"
#include "init/log.h"
#include "stages/kmod/kmod_loader.h"

namespace prologue {
namespace {

constexpr std::size_t kCommandLineLimit = 64 * 1024;

}  // namespace

int modprobe_main(int argc, char** argv) {
    KernelLog log;
    log.open();
    if (argc != 4 || std::string_view(argv[1]) != "-q" || std::string_view(argv[2]) != "--") {
        log.write(LogLevel::kWarning, "modprobe: only '-q -- ALIAS', as the kernel calls it");
        return 2;
    }
    LinuxSys sys;
    const Result<std::string> words = sys.read_file("/proc/cmdline", kCommandLineLimit);
    const auto command_line = config::CommandLine::parse(words ? *words : std::string());
    const Result<> loaded = make_kmod_loader(sys, command_line)->load(argv[3], "");
    if (loaded) return 0;
    // The kernel asks for much that nobody has; only a module that is there and fails is news.
    const bool missing = loaded.error().kind == ErrorKind::kNotFound;
    log.write(missing ? LogLevel::kDebug : LogLevel::kWarning, describe(loaded.error()));
    return 1;
}

}  // namespace prologue
