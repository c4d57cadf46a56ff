// SPDX-License-Identifier: MIT
#include "init/base/path.h"

#include "tests/unit/test.h"

namespace prologue::tests {

TEST_CASE("path: below means whole components") {
    const struct {
        std::string_view path, prefix;
        bool below;
    } cases[] = {
        {"/dev", "/dev", true},
        {"/dev/pts", "/dev", true},
        {"/devfoo", "/dev", false},
        {"/de", "/dev", false},
        {"/", "/", true},
        {"/dev", "/", true},
        {"/dev/pts", "/dev/", true},
        {"/dev", "/dev//", true},
        {"/devfoo", "/dev/", false},
        {"", "/", false},
        {"relative", "/", false},
        {"", "/dev", false},
        {"/newroot/dev", "/dev", false},
    };
    for (const auto& one : cases) {
        INFO(one.path << " below " << one.prefix);
        CHECK(path_is_below(one.path, one.prefix) == one.below);
    }
}

TEST_CASE("path: one slash between two parts") {
    CHECK(join_path("/newroot", "/dev") == "/newroot/dev");
    CHECK(join_path("/newroot/", "dev") == "/newroot/dev");
    CHECK(join_path("/newroot", "//dev/pts") == "/newroot/dev/pts");
    CHECK(join_path("/", "/dev") == "/dev");
    CHECK(join_path("", "dev") == "/dev");
    CHECK(join_path("/newroot", "/") == "/newroot/");
}

TEST_CASE("path: one spelling for one directory") {
    const struct {
        std::string_view path, plain;
    } cases[] = {
        {"/", "/"},
        {"//", "/"},
        {"/newroot", "/newroot"},
        {"/newroot/", "/newroot"},
        {"/a//b", "/a/b"},
        {"/a/./b/.", "/a/b"},
        {"/./", "/"},
        {"/.hidden/..x", "/.hidden/..x"},
    };
    for (const auto& one : cases) CHECK(plain_path(one.path) == one.plain);
}

}  // namespace prologue::tests
