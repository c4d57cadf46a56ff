// SPDX-License-Identifier: MIT
// A string that is known to live as long as the program: its only constructor takes a string
// literal at compile time, so a temporary can never dangle behind it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace prologue {

class Literal {
  public:
    constexpr Literal() = default;
    template <std::size_t N>
    consteval Literal(const char (&text)[N]) : text_(text, N - 1) {}  // NOLINT: implicit on purpose

    [[nodiscard]] constexpr std::string_view view() const { return text_; }
    [[nodiscard]] constexpr bool empty() const { return text_.empty(); }
    [[nodiscard]] std::string str() const { return std::string(text_); }
    constexpr operator std::string_view() const { return text_; }  // NOLINT: implicit on purpose
    friend constexpr bool operator==(Literal a, Literal b) { return a.text_ == b.text_; }
    friend constexpr bool operator==(Literal a, std::string_view b) { return a.text_ == b; }

  private:
    std::string_view text_;
};

}  // namespace prologue
