// SPDX-License-Identifier: MIT
#include "stages/kmod/command_line_hider.h"

#include <cerrno>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

namespace prologue {
namespace {

constexpr Literal kOp = "hide the command line";
constexpr char kOwnNamespace[] = "/proc/self/ns/mnt";
constexpr char kCommandLine[] = "/proc/cmdline";

}  // namespace

Result<Fd> cover_command_line() {
    Fd before(open(kOwnNamespace, O_RDONLY | O_CLOEXEC));
    if (!before.valid()) return fail(Error::system(kOp, errno, kOwnNamespace));
    if (unshare(CLONE_NEWNS) != 0) return fail(Error::system(kOp, errno));
    // Without this the cover would spread to where it must not be seen.
    int rc = mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (rc == 0) rc = mount("/dev/null", kCommandLine, nullptr, MS_BIND, nullptr);
    if (rc == 0) return before;
    Error error = Error::system(kOp, errno, kCommandLine);
    TRY_VOID(uncover_command_line(before));
    return fail(std::move(error));
}

Result<> uncover_command_line(const Fd& namespace_before) {
    if (setns(namespace_before.get(), CLONE_NEWNS) == 0) return {};
    return fail(Error::system(kOp, errno, kOwnNamespace));
}

}  // namespace prologue
