// SPDX-License-Identifier: MIT
// `set rescue password:HASH`: what is typed, and whether it is the one.
#pragma once

#include <string>
#include <string_view>

namespace prologue::rescue {

// What is typed at a password prompt. It has no copy, is kept out of swap where the kernel allows
// that, and wipes itself.
class TypedPassword {
  public:
    TypedPassword();
    ~TypedPassword();
    TypedPassword(const TypedPassword&) = delete;
    TypedPassword& operator=(const TypedPassword&) = delete;

    enum class Event { kNone, kEntered, kCancelled };
    // Backspace and Ctrl-U delete; what is longer than any password is dropped and fits nothing.
    Event take(char byte);
    void clear();
    // False also for a hash that sha_crypt() does not know.
    [[nodiscard]] bool fits(const std::string& hash) const;

  private:
    static constexpr std::size_t kMost = 256;
    char bytes_[kMost + 1];
    std::size_t size_ = 0;
    bool too_long_ = false;
};

}  // namespace prologue::rescue
