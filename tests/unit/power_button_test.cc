// SPDX-License-Identifier: MIT
#include "init/power_button.h"

#include "tests/unit/test.h"

namespace prologue::tests {

TEST_CASE("power button: which input device has the key") {
    const struct {
        std::string_view capabilities;
        bool has;
    } cases[] = {
        {"10000000000000 0\n", true},                                             // the ACPI button
        {"402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe\n", true},  // a keyboard
        {"402000000 3803078f800d001 feefffdfffefffff fffffffffffffffe\n", false},
        {"70000 0 0 0 0\n", false},  // a mouse
        {"10000000000000", false},   // the same bit in the lowest word is another key
        {"0\n", false},
        {"", false},
        {"x0000000000000 0\n", false},
        {"1ffffffffffffffffffff 0\n", false},
    };
    for (const auto& one : cases) {
        INFO(one.capabilities);
        CHECK(has_power_key(one.capabilities) == one.has);
    }
}

}  // namespace prologue::tests
