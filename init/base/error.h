// SPDX-License-Identifier: MIT
// The one error type, and Result. Each layer adds only what it knows: the system seam gives the
// operation and errno, a stage the object, the notes and the hint; the executor knows the config
// line. Library code returns errors, only the executor logs them, once.
//
// Nothing secret may enter an Error: every field ends on consoles and in the kernel log.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "init/base/literal.h"

namespace prologue {

enum class ErrorKind : std::uint8_t {
    kConfig,    // the configuration or a value of it is wrong
    kNotFound,  // what was looked for does not exist
    kTimeout,   // a deadline passed while waiting
    kSystem,    // a system or library call failed; errnum says how
    kRefused,   // a safety guard said no; never retried
    kInternal,  // a broken invariant of this program
    kCrashed,   // a stage's child died of a signal or without a report
    kStuck,     // the child does not die of SIGKILL and is left behind in the kernel
    kStopped,   // a person wants the machine to stop: no policy goes on after that
};

struct ErrorFacts {
    ErrorKind kind = ErrorKind::kInternal;
    int errnum = 0;                  // 0 = no errno
    std::string op;                  // "open", "mount", "load module"
    std::string object;              // what it was done to: "/dev/vda on /newroot"
    std::string detail;              // the library's own text, or why a guard refused
    std::string hint;                // one thing to try
    std::vector<std::string> notes;  // what was seen instead, a line each
};

// Owns its facts, which stand on the heap: every Result<T> has room for an Error, few ever hold one, and a
// pointer keeps the frames of all callers and what they do to move an error small. One that was moved from
// has no facts: it may be destroyed or assigned to, nothing else.
class [[nodiscard]] Error {
  public:
    Error() : Error(ErrorKind::kInternal, {}, {}, {}) {}
    Error(const Error& other);
    Error(Error&& other) noexcept : facts_(std::exchange(other.facts_, nullptr)) {}
    Error& operator=(const Error& other);
    Error& operator=(Error&& other) noexcept {
        std::swap(facts_, other.facts_);
        return *this;
    }
    ~Error() {
        if (facts_ != nullptr) release(facts_);
    }

    ErrorFacts* operator->() { return facts_; }
    const ErrorFacts* operator->() const { return facts_; }

    // A call failed. A zero errnum is a bug of the caller and is turned into EIO.
    static Error system(Literal op, int errnum, Text object = {});
    static Error refused(Literal op, Text object, Text why);
    static Error not_found(Literal op, Text object, Text why = {});
    static Error timeout(Literal op, Text object, Text why = {});
    static Error config(Text message);
    static Error internal(Literal op, Text why);

    Error&& with_object(Text text) &&;
    Error&& with_detail(Text text) &&;
    Error&& with_hint(Text text) &&;
    Error&& with_note(Text text) &&;

  private:
    Error(ErrorKind kind, Literal op, Text object, Text detail);
    static void release(ErrorFacts* facts);

    ErrorFacts* facts_;
};

template <class T = void>
using Result = tl::expected<T, Error>;
using Unexpected = tl::unexpected<Error>;

inline Unexpected fail(Error error) {
    return Unexpected(std::move(error));
}

// "mount /dev/vda on /newroot: No such device (ENODEV)" plus ": detail"; no hint, no notes.
std::string describe(const Error& error);

// "No such device (ENODEV)"; "errno 4711" for a number without a name.
std::string describe_errno(int errnum);

// Hands an error to the caller, or gives the value. One TRY a line. Never in a child between fork
// and _exit above the stage's own function: an error must not carry a child into its parent's code.
#define TRY(expression)                                                            \
    (__extension__({                                                               \
        auto try_result_ = (expression);                                           \
        if (!try_result_) return ::prologue::fail(std::move(try_result_).error()); \
        std::move(try_result_).operator*();                                        \
    }))

// The same for Result<void>.
#define TRY_VOID(expression)                                                       \
    do {                                                                           \
        auto try_result_ = (expression);                                           \
        if (!try_result_) return ::prologue::fail(std::move(try_result_).error()); \
    } while (false)

}  // namespace prologue
