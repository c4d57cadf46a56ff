// SPDX-License-Identifier: MIT
#include "init/services.h"

#include "init/base/program.h"

#include "tests/unit/test.h"

namespace prologue::tests {

TEST_CASE("services: pauses grow, and stay below a minute") {
    const std::pair<unsigned, long> expected[] = {{0, 0},      {1, 0},      {2, 1'000},
                                                  {3, 2'000},  {7, 32'000}, {8, 60'000},
                                                  {9, 60'000}, {40, 60'000}};
    for (const auto& [quick_ends, milliseconds] : expected) {
        CAPTURE(quick_ends);
        CHECK(respawn_pause(quick_ends).count() == milliseconds);
    }
}

TEST_CASE("services: an end in words") {
    CHECK(describe_status(0) == "exit status 0");
    CHECK(describe_status(3 << 8) == "exit status 3");
    CHECK(describe_status(11) == "killed by signal 11");
    CHECK(describe_status(6 | 0x80) == "killed by signal 6");
}

}  // namespace prologue::tests
