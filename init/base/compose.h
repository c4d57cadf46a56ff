// SPDX-License-Identifier: MIT
// A message or a path from a pattern and what goes into its places: compose("{} is no {}", name, kind).
// The whole sentence stands in one piece, and a call is a third of what a sum of strings compiles to.
#pragma once

#include <cstddef>
#include <string>

namespace prologue {

// A string literal with as many `{}` as there are values to put there: another number does not compile.
// There is no escape: a value that reads `{}` is put in as it is.
template <std::size_t Places>
class Pattern {
  public:
    template <std::size_t N>
    consteval Pattern(const char (&text)[N]) : text_(text) {  // NOLINT: implicit on purpose
        std::size_t places = 0;
        for (std::size_t at = 0; at + 1 < N; ++at)
            if (text[at] == '{' && text[at + 1] == '}') ++places;
        if (places != Places) the_pattern_has_another_number_of_places();
    }

    [[nodiscard]] constexpr const char* text() const { return text_; }

  private:
    // Never defined, and no constant expression: a call stops the compiler and says why.
    static void the_pattern_has_another_number_of_places();

    const char* text_;
};

std::string compose(Pattern<1> pattern, const std::string& a);
std::string compose(Pattern<2> pattern, const std::string& a, const std::string& b);
std::string compose(Pattern<3> pattern, const std::string& a, const std::string& b,
                    const std::string& c);
std::string compose(Pattern<4> pattern, const std::string& a, const std::string& b,
                    const std::string& c, const std::string& d);

}  // namespace prologue
