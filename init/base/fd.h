// SPDX-License-Identifier: MIT
// An owned file descriptor. Every descriptor of this program is opened with O_CLOEXEC.
#pragma once

#include <utility>

namespace prologue {

class Fd {
  public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(other.release()) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) reset(other.release());
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { reset(); }

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool valid() const { return fd_ >= 0; }
    // Gives the descriptor up without closing it.
    int release() { return std::exchange(fd_, -1); }
    // Closes what is held and takes over `fd`.
    void reset(int fd = -1);

  private:
    int fd_ = -1;
};

}  // namespace prologue
