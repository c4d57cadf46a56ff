// SPDX-License-Identifier: MIT
// prologue-init's wctype(3), for fnmatch(3), which compares modaliases with the patterns of drivers. Nothing
// sets a locale, so that only ASCII has classes; the C library's own carry tables for all of Unicode (13 KB).
// Linked before the C library, these definitions keep them out.
// Source: POSIX, "LC_CTYPE Category in the POSIX Locale".
#include <cctype>
#include <cstddef>
#include <cwctype>
#include <iterator>
#include <string_view>

namespace {

struct LetterClass {
    std::string_view name;
    int (*has)(int);
};

constexpr LetterClass kClasses[] = {
    {"alnum", std::isalnum}, {"alpha", std::isalpha}, {"blank", std::isblank},
    {"cntrl", std::iscntrl}, {"digit", std::isdigit}, {"graph", std::isgraph},
    {"lower", std::islower}, {"print", std::isprint}, {"punct", std::ispunct},
    {"space", std::isspace}, {"upper", std::isupper}, {"xdigit", std::isxdigit},
};

constexpr std::wint_t kLastAscii = 0x7f;

}  // namespace

extern "C" {

// 0 for no class; else its place in the table, from 1.
std::wctype_t wctype(const char* name) {
    for (std::size_t i = 0; i < std::size(kClasses); ++i)
        if (kClasses[i].name == name) return i + 1;
    return 0;
}

int iswctype(std::wint_t letter, std::wctype_t type) {
    if (letter > kLastAscii || type == 0 || type > std::size(kClasses)) return 0;
    return kClasses[type - 1].has(static_cast<int>(letter));
}

std::wint_t towlower(std::wint_t letter) {
    return letter > kLastAscii ? letter
                               : static_cast<std::wint_t>(std::tolower(static_cast<int>(letter)));
}

std::wint_t towupper(std::wint_t letter) {
    return letter > kLastAscii ? letter
                               : static_cast<std::wint_t>(std::toupper(static_cast<int>(letter)));
}

}  // extern "C"
