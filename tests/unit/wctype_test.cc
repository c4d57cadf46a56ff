// SPDX-License-Identifier: MIT
// prologue-init's wctype(3) against the C library's, whose names it has.
#include <cctype>
#include <cstddef>
#include <cwctype>
#include <iterator>
#include <string_view>

#include <doctest/doctest.h>

#define wctype own_wctype
#define iswctype own_iswctype
#define towlower own_towlower
#define towupper own_towupper
#include "init/wctype/wctype.cc"
#undef wctype
#undef iswctype
#undef towlower
#undef towupper

TEST_CASE("wctype: says of each letter of ASCII what the C library says") {
    for (const char* name : {"alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print",
                             "punct", "space", "upper", "xdigit"}) {
        CAPTURE(name);
        REQUIRE(own_wctype(name) != 0);
        for (std::wint_t letter = 0; letter < 128; ++letter) {
            CAPTURE(letter);
            CHECK((own_iswctype(letter, own_wctype(name)) != 0) ==
                  (std::iswctype(letter, std::wctype(name)) != 0));
            CHECK(own_towlower(letter) == std::towlower(letter));
            CHECK(own_towupper(letter) == std::towupper(letter));
        }
    }
}

TEST_CASE("wctype: knows no class by another name, and no letter behind ASCII") {
    CHECK(own_wctype("letters") == 0);
    CHECK(own_wctype("") == 0);
    CHECK(own_iswctype('a', 0) == 0);
    CHECK(own_iswctype('a', 99) == 0);
    CHECK(own_iswctype(0xe9, own_wctype("alpha")) == 0);
    CHECK(own_iswctype(WEOF, own_wctype("print")) == 0);
    CHECK(own_towupper(0xe9) == 0xe9);
    CHECK(own_towlower(WEOF) == WEOF);
}
