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

struct [[nodiscard]] Error {
    // Out of line, all of them: an Error is five containers, and every Result<T> carries its code.
    Error();
    Error(const Error& other);
    Error(Error&& other) noexcept;
    Error& operator=(const Error& other);
    Error& operator=(Error&& other) noexcept;
    ~Error();

    ErrorKind kind = ErrorKind::kInternal;
    int errnum = 0;                  // 0 = no errno
    std::string op;                  // "open", "mount", "load module"
    std::string object;              // what it was done to: "/dev/vda on /newroot"
    std::string detail;              // the library's own text, or why a guard refused
    std::string hint;                // one thing to try
    std::vector<std::string> notes;  // what was seen instead, a line each

    // A call failed. A zero errnum is a bug of the caller and is turned into EIO.
    static Error system(Literal op, int errnum, std::string object = {});
    static Error refused(Literal op, std::string object, std::string why);
    static Error not_found(Literal op, std::string object, std::string why = {});
    static Error timeout(Literal op, std::string object, std::string why = {});
    static Error config(std::string message);
    static Error internal(Literal op, std::string why);

    Error&& with_object(std::string text) &&;
    Error&& with_detail(std::string text) &&;
    Error&& with_hint(std::string text) &&;
    Error&& with_note(std::string text) &&;
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
