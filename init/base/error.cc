// SPDX-License-Identifier: MIT
#include "init/base/error.h"

#include <cerrno>
#include <cstring>

#include "init/base/errno_name.h"

namespace prologue {
namespace {

Error make(ErrorKind kind, Literal op, std::string object, std::string detail) {
    Error error;
    error.kind = kind;
    error.op = op.str();
    error.object = std::move(object);
    error.detail = std::move(detail);
    return error;
}

}  // namespace

// noinline: link-time optimisation would otherwise put them back into every caller.
[[gnu::noinline]] Error::Error() = default;
[[gnu::noinline]] Error::Error(const Error& other) = default;
[[gnu::noinline]] Error::Error(Error&& other) noexcept = default;
[[gnu::noinline]] Error& Error::operator=(const Error& other) = default;
[[gnu::noinline]] Error& Error::operator=(Error&& other) noexcept = default;
[[gnu::noinline]] Error::~Error() = default;

Error Error::system(Literal op, int errnum, std::string object) {
    Error error = make(ErrorKind::kSystem, op, std::move(object), {});
    error.errnum = errnum != 0 ? errnum : EIO;
    return error;
}

Error Error::refused(Literal op, std::string object, std::string why) {
    return make(ErrorKind::kRefused, op, std::move(object), std::move(why));
}

Error Error::not_found(Literal op, std::string object, std::string why) {
    return make(ErrorKind::kNotFound, op, std::move(object), std::move(why));
}

Error Error::timeout(Literal op, std::string object, std::string why) {
    return make(ErrorKind::kTimeout, op, std::move(object), std::move(why));
}

Error Error::config(std::string message) {
    return make(ErrorKind::kConfig, "", {}, std::move(message));
}

Error Error::internal(Literal op, std::string why) {
    return make(ErrorKind::kInternal, op, {}, std::move(why));
}

Error&& Error::with_object(std::string text) && {
    if (object.empty()) object = std::move(text);
    return std::move(*this);
}

Error&& Error::with_detail(std::string text) && {
    if (detail.empty()) detail = std::move(text);
    return std::move(*this);
}

Error&& Error::with_hint(std::string text) && {
    if (hint.empty()) hint = std::move(text);
    return std::move(*this);
}

Error&& Error::with_note(std::string text) && {
    notes.push_back(std::move(text));
    return std::move(*this);
}

std::string describe_errno(int errnum) {
    const std::string_view name = errno_name(errnum);
    if (name.empty()) return "errno " + std::to_string(errnum);
    return std::string(strerror(errnum)) + " (" + std::string(name) + ")";
}

std::string describe(const Error& error) {
    std::string text = error.op;
    if (!error.object.empty()) text += (text.empty() ? "" : " ") + error.object;
    if (error.errnum != 0) text += (text.empty() ? "" : ": ") + describe_errno(error.errnum);
    if (!error.detail.empty()) text += (text.empty() ? "" : ": ") + error.detail;
    return text;
}

}  // namespace prologue
