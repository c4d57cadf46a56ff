// SPDX-License-Identifier: MIT
#include "init/base/compose.h"

#include "tests/unit/test.h"

namespace prologue::tests {

TEST_CASE("compose: values stand in the places in their order") {
    CHECK(compose("{}", "sda") == "sda");
    CHECK(compose("/sys/block/{}/size", "sda") == "/sys/block/sda/size");
    CHECK(compose("{} on {}", "tmpfs", "/run") == "tmpfs on /run");
    CHECK(compose("{}{}{}", "a", "b", "c") == "abc");
    CHECK(compose("{}:{}: {} ({})", "file", "7", "wrong", "hint") == "file:7: wrong (hint)");
}

TEST_CASE("compose: a value is put in as it is and whole") {
    CHECK(compose("'{}' and '{}'", "{}", "last") == "'{}' and 'last'");
    CHECK(compose("<{}>", "") == "<>");
    const std::string with_nul("a\0b", 3);
    CHECK(compose("{}|{}", with_nul, "c") == with_nul + "|c");
}

TEST_CASE("compose: braces that enclose something are letters") {
    CHECK(compose("{\"at\": {}}", "0") == "{\"at\": 0}");
    CHECK(compose("} {x} { }{}{", "1") == "} {x} { }1{");
}

}  // namespace prologue::tests
