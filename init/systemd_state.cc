// SPDX-License-Identifier: MIT
#include "init/systemd_state.h"

#include <chrono>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

namespace prologue {
namespace {

// Where every distribution has it, below /usr, / or a prefix of its own. A name says nothing of what
// another program makes of systemd's options, so none is guessed.
bool is_systemd(const std::string& init) {
    char path[PATH_MAX];
    return realpath(init.c_str(), path) != nullptr &&
           std::string_view(path).ends_with("/lib/systemd/systemd");
}

// "-- --unit=rescue.target" on the kernel command line: a person tells systemd what to do, and gets that
// alone.
bool has_options(char* const* argv) {
    for (; *argv != nullptr; ++argv) {
        if (std::string_view(*argv).starts_with("--")) return true;
    }
    return false;
}

long long microseconds(Instant time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

}  // namespace

Fd systemd_state(const std::string& init, char* const* argv, Instant began, Sys& sys) {
    if (has_options(argv) || !is_systemd(init)) return {};
    timespec real{};
    if (clock_gettime(CLOCK_REALTIME, &real) != 0) return {};
    const Instant date = std::chrono::seconds(real.tv_sec) + Instant(real.tv_nsec);
    char text[80];
    // A dual timestamp: the date, which the clock may have had wrong, and CLOCK_MONOTONIC.
    const int length = snprintf(text, sizeof text, "initrd-timestamp=%lld %lld\n",
                                microseconds(date - (sys.now() - began)), microseconds(began));
    Fd file(memfd_create("systemd-state", 0));
    // Not write(2): it would leave the position behind the text.
    if (pwrite(file.get(), text, static_cast<std::size_t>(length), 0) != length) return {};
    return file;
}

}  // namespace prologue
