// SPDX-License-Identifier: MIT
// A passphrase or the content of a key file: in locked memory of its own, left out of core dumps and
// of forked children, wiped when it goes. It has no path into a log, a fact or an error.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "init/base/error.h"

namespace prologue {

class Secret {
  public:
    Secret() = default;
    // Room for `capacity` bytes. kSystem when the memory cannot be had or locked.
    static Result<Secret> with_room(std::size_t capacity);
    Secret(Secret&& other) noexcept { *this = std::move(other); }
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { wipe(); }

    // The room, to be filled; then resize() says how much of it was.
    [[nodiscard]] std::span<char> room() const { return {memory_, capacity_}; }
    void resize(std::size_t size) { size_ = size; }
    [[nodiscard]] std::span<const char> bytes() const { return {memory_, size_}; }

  private:
    void wipe();

    char* memory_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
};

}  // namespace prologue
