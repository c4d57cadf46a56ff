// SPDX-License-Identifier: MIT
// Source: mlock(2), madvise(2).
#include "stages/secret.h"

#include <cerrno>
#include <cstring>

#include <sys/mman.h>

namespace prologue {

Result<Secret> Secret::with_room(std::size_t capacity) {
    void* memory =
        mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return fail(Error::system("mmap", errno, "room for a key"));
    Secret secret;
    secret.memory_ = static_cast<char*>(memory);
    secret.capacity_ = capacity;
    if (mlock(memory, capacity) != 0) return fail(Error::system("mlock", errno, "room for a key"));
    (void)madvise(memory, capacity, MADV_DONTDUMP);
    (void)madvise(memory, capacity, MADV_WIPEONFORK);
    return secret;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    memory_ = std::exchange(other.memory_, nullptr);
    capacity_ = std::exchange(other.capacity_, 0);
    size_ = std::exchange(other.size_, 0);
    return *this;
}

void Secret::wipe() {
    if (memory_ == nullptr) return;
    explicit_bzero(memory_, capacity_);
    (void)munmap(memory_, capacity_);
    memory_ = nullptr;
}

}  // namespace prologue
