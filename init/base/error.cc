// SPDX-License-Identifier: MIT
#include "init/base/error.h"

#include <cerrno>
#include <cstring>

#include "init/base/compose.h"
#include "init/base/errno_name.h"

namespace prologue {

Error::Error(ErrorKind kind, Literal op, Text object, Text detail)
    : facts_(new ErrorFacts{kind, 0, op.str(), object.str(), detail.str(), {}, {}}) {}

Error::Error(const Error& other) : facts_(new ErrorFacts(*other.facts_)) {}

Error& Error::operator=(const Error& other) {
    return *this = Error(other);
}

// noinline: link-time optimisation would otherwise put it into every caller.
[[gnu::noinline]] void Error::release(ErrorFacts* facts) {
    delete facts;
}

Error Error::system(Literal op, int errnum, Text object) {
    Error error(ErrorKind::kSystem, op, object, {});
    error->errnum = errnum != 0 ? errnum : EIO;
    return error;
}

Error Error::refused(Literal op, Text object, Text why) {
    return Error(ErrorKind::kRefused, op, object, why);
}

Error Error::not_found(Literal op, Text object, Text why) {
    return Error(ErrorKind::kNotFound, op, object, why);
}

Error Error::timeout(Literal op, Text object, Text why) {
    return Error(ErrorKind::kTimeout, op, object, why);
}

Error Error::config(Text message) {
    return Error(ErrorKind::kConfig, "", {}, message);
}

Error Error::internal(Literal op, Text why) {
    return Error(ErrorKind::kInternal, op, {}, why);
}

Error&& Error::with_object(Text text) && {
    if (facts_->object.empty()) facts_->object = text.view();
    return std::move(*this);
}

Error&& Error::with_detail(Text text) && {
    if (facts_->detail.empty()) facts_->detail = text.view();
    return std::move(*this);
}

Error&& Error::with_hint(Text text) && {
    if (facts_->hint.empty()) facts_->hint = text.view();
    return std::move(*this);
}

Error&& Error::with_note(Text text) && {
    facts_->notes.push_back(text.str());
    return std::move(*this);
}

std::string describe_errno(int errnum) {
    const std::string_view name = errno_name(errnum);
    if (name.empty()) return "errno " + std::to_string(errnum);
    return compose("{} ({})", std::string(strerror(errnum)), std::string(name));
}

std::string describe(const Error& error) {
    std::string text = error->op;
    if (!error->object.empty()) text += (text.empty() ? "" : " ") + error->object;
    if (error->errnum != 0) text += (text.empty() ? "" : ": ") + describe_errno(error->errnum);
    if (!error->detail.empty()) text += (text.empty() ? "" : ": ") + error->detail;
    return text;
}

}  // namespace prologue
