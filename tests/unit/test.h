// SPDX-License-Identifier: MIT
// doctest as every unit test includes it. Exceptions are off in all translation units, so REQUIRE
// could not stop a test: it is not used. REQUIRE_OK checks a Result and leaves the test.
#pragma once

#ifndef DOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS
#define DOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS
#endif
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "init/base/error.h"

#define REQUIRE_OK(result)                                                    \
    do {                                                                      \
        const bool require_ok_ = (result).has_value();                        \
        if (!require_ok_) FAIL_CHECK(::prologue::describe((result).error())); \
        if (!require_ok_) return;                                             \
    } while (false)
