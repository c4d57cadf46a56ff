// SPDX-License-Identifier: MIT
// stages/write.cc: writes one value into an existing file: sysfs, procfs, LEDs.
#include "stages/stages.h"

#include <cerrno>

namespace prologue {
namespace {

enum : std::size_t { kPath, kValue };
constexpr OptionSpec kOptions[] = {
    {"path", ValueKind::kPath, Need::kPositional, "an existing file", ""},
    {"value", ValueKind::kText, Need::kPositional, "written as it is, with a newline behind it",
     ""},
};

Result<StageOutcome> run_write(const Arguments& arguments, StageContext& context) {
    const std::string path = arguments.text(kPath);
    Result<> written = context.sys.write_file(path, arguments.text(kValue) + "\n");
    if (!written) {
        Error error = std::move(written).error();
        if (error->errnum == ENOENT)
            error->hint = "the driver that makes this file may not be loaded";
        if (error->errnum == EINVAL) error->hint = "the kernel does not take this value there";
        return fail(std::move(error));
    }
    StageOutcome outcome;
    outcome.summary = path;
    return outcome;
}

}  // namespace

constinit const StageType kWriteStage = {"write",       "write a value into a file of the kernel",
                                         kOptions,      false,
                                         Ending::kNone, false,
                                         nullptr,       run_write};

}  // namespace prologue
