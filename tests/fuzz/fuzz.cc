// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "config/utf8.h"

namespace prologue::fuzz {
namespace {

// Of the processor, not of the clock on the wall: a busy machine is no finding.
constexpr std::int64_t kMaxMilliseconds = 1000;

std::int64_t spent_milliseconds() {
    timespec spent{};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return std::int64_t{spent.tv_sec} * 1000 + spent.tv_nsec / 1'000'000;
}

}  // namespace

void broken(const char* property, const char* file, int line) {
    (void)std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, property);
    std::abort();
}

bool is_printable(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const config::Character character = config::character_at(text, at);
        if (!character.valid) return false;
        const bool layout = text[at] == '\n' || text[at] == '\t';
        if (config::is_control(character.code_point) && !layout) return false;
        at += character.length;
    }
    return true;
}

}  // namespace prologue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace prologue::fuzz;
    const std::int64_t start = spent_milliseconds();
    fuzz_one({reinterpret_cast<const char*>(data), size});
    HOLDS(spent_milliseconds() - start <= kMaxMilliseconds);
    return 0;
}
