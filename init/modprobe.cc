// SPDX-License-Identifier: MIT
#include "init/modprobe.h"

#include <string_view>

#include <unistd.h>

#include "config/cmdline.h"
#include "init/base/compose.h"
#include "init/base/sys_linux.h"
#include "init/log.h"
#include "init/startup.h"
#include "stages/kmod/kmod_loader.h"

namespace prologue {
namespace {

constexpr std::size_t kCommandLineLimit = 64 * 1024;

void log_line(LogLevel level, const std::string& text) {
    KernelLog log;
    log.open();
    log.write(level, text);
}

int load(const std::string& alias) {
    LinuxSys sys;
    const Result<std::string> words = sys.read_file("/proc/cmdline", kCommandLineLimit);
    auto command_line = config::CommandLine::parse(words ? *words : std::string());
    // The config, which may allow some words, is PID 1's; here a locked image obeys none.
    if (is_locked_image(sys)) command_line = command_line.restricted_to({});
    KmodLoader loader(sys, command_line, "", Lookups::kOne);
    const Result<> ready = loader.prepare();
    if (!ready) {
        log_line(LogLevel::kWarning, describe(ready.error()));
        return 1;
    }
    // The kernel asks for much that nobody has, also before /init runs where the archive has the link: no
    // reason is looked for, and the process ends without taking anything down.
    if (!loader.is_available(alias)) {
        log_line(LogLevel::kDebug, compose("modprobe: no module for '{}'", alias));
        _exit(1);
    }
    const Result<> loaded = loader.load(alias, "");
    if (loaded) return 0;
    log_line(LogLevel::kWarning, describe(loaded.error()));
    return 1;
}

}  // namespace

int modprobe_main(int argc, char** argv) {
    if (argc != 4 || std::string_view(argv[1]) != "-q" || std::string_view(argv[2]) != "--") {
        log_line(LogLevel::kWarning, "modprobe: only '-q -- ALIAS', as the kernel calls it");
        return 2;
    }
    return load(argv[3]);
}

}  // namespace prologue
