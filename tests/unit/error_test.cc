// SPDX-License-Identifier: MIT
#include "init/base/error.h"

#include <cerrno>

#include "init/base/errno_name.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

Result<int> give(int number) {
    if (number < 0) return fail(Error::system("give", ERANGE, std::to_string(number)));
    return number;
}

Result<int> twice(int number) {
    const int given = TRY(give(number));
    return 2 * given;
}

Result<> check(int number) {
    TRY_VOID(give(number));
    return {};
}

}  // namespace

TEST_CASE("error: every part has its place in the text") {
    Error error = Error::system("mount", ENODEV, "/dev/vda on /newroot");
    CHECK(describe(error) == "mount /dev/vda on /newroot: No such device (ENODEV)");
    error->detail = "unknown type";
    CHECK(describe(error) == "mount /dev/vda on /newroot: No such device (ENODEV): unknown type");
    CHECK(describe(Error::refused("fact", "", "no block device")) == "fact: no block device");
    CHECK(describe(Error::timeout("find", "UUID=1")) == "find UUID=1");
    CHECK(describe(Error::config("wrong")) == "wrong");
    CHECK(describe(Error{}).empty());
}

TEST_CASE("error: an errno of zero is the caller's bug, not success") {
    CHECK(Error::system("read", 0)->errnum == EIO);
}

TEST_CASE("error: a layer adds only what is not known yet") {
    const Error error = Error::system("mount", EIO)
                            .with_object("a")
                            .with_object("b")
                            .with_detail("c")
                            .with_detail("d")
                            .with_hint("e")
                            .with_hint("f")
                            .with_note("1")
                            .with_note("2");
    CHECK(error->object == "a");
    CHECK(error->detail == "c");
    CHECK(error->hint == "e");
    CHECK(error->notes.size() == 2);
}

TEST_CASE("error: errno has a name and words") {
    CHECK(describe_errno(EACCES) == "Permission denied (EACCES)");
    CHECK(describe_errno(4711) == "errno 4711");
    CHECK(describe_errno(0) == "errno 0");
    CHECK(describe_errno(-1) == "errno -1");
    CHECK(errno_name(EAGAIN) == "EAGAIN");
    for (int number = 1; number <= 133; ++number) {
        const bool hole = number == 41 || number == 58;  // Linux gives these two to nobody
        CHECK_MESSAGE(errno_name(number).empty() == hole, number);
    }
}

TEST_CASE("error: TRY hands an error on and a value down") {
    CHECK(*twice(21) == 42);
    CHECK(twice(-1).error()->errnum == ERANGE);
    CHECK(check(1).has_value());
    CHECK(check(-7).error()->object == "-7");
}

}  // namespace prologue::tests
