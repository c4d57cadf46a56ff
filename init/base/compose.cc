// SPDX-License-Identifier: MIT
#include "init/base/compose.h"

#include <string_view>

namespace prologue {
namespace {

std::string fill(std::string_view pattern, const std::string* const* value) {
    std::string text;
    for (;;) {
        const std::size_t place = pattern.find("{}");
        text += pattern.substr(0, place);
        if (place == std::string_view::npos) return text;
        text += **value++;
        pattern.remove_prefix(place + 2);
    }
}

}  // namespace

std::string compose(Pattern<1> pattern, const std::string& a) {
    const std::string* const values[] = {&a};
    return fill(pattern.text(), values);
}

std::string compose(Pattern<2> pattern, const std::string& a, const std::string& b) {
    const std::string* const values[] = {&a, &b};
    return fill(pattern.text(), values);
}

std::string compose(Pattern<3> pattern, const std::string& a, const std::string& b,
                    const std::string& c) {
    const std::string* const values[] = {&a, &b, &c};
    return fill(pattern.text(), values);
}

std::string compose(Pattern<4> pattern, const std::string& a, const std::string& b,
                    const std::string& c, const std::string& d) {
    const std::string* const values[] = {&a, &b, &c, &d};
    return fill(pattern.text(), values);
}

}  // namespace prologue
