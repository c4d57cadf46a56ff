// SPDX-License-Identifier: MIT
#include "init/rescue/password.h"

#include <cstring>

#include <sys/mman.h>

#include "init/rescue/sha_crypt.h"

namespace prologue::rescue {
namespace {

// In a time that does not say where they differ.
bool are_equal(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    return difference == 0;
}

}  // namespace

TypedPassword::TypedPassword() {
    (void)mlock(bytes_, sizeof bytes_);
    clear();
}

TypedPassword::~TypedPassword() {
    clear();
    (void)munlock(bytes_, sizeof bytes_);
}

void TypedPassword::clear() {
    explicit_bzero(bytes_, sizeof bytes_);
    size_ = 0;
    too_long_ = false;
}

TypedPassword::Event TypedPassword::take(char byte) {
    switch (byte) {
        case '\r':
        case '\n': return Event::kEntered;
        case 3: return Event::kCancelled;
        case 21: clear(); return Event::kNone;
        case 8:
        case 127:
            if (size_ != 0) bytes_[--size_] = '\0';
            return Event::kNone;
        case '\0': return Event::kNone;
        default: break;
    }
    if (size_ == kMost) {
        too_long_ = true;
    } else {
        bytes_[size_++] = byte;
    }
    return Event::kNone;
}

bool TypedPassword::fits(const std::string& hash) const {
    if (too_long_ || hash.empty()) return false;
    return are_equal(sha_crypt({bytes_, size_}, hash), hash);
}

}  // namespace prologue::rescue
