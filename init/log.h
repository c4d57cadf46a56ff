// SPDX-License-Identifier: MIT
// Lines for the kernel's log, each with the prefix "prologue: ".   Source: dev-kmsg (Linux ABI).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/base/fd.h"

namespace prologue {

enum class LogLevel : int { kError = 3, kWarning = 4, kNotice = 5, kInfo = 6, kDebug = 7 };

class Log {
  public:
    virtual ~Log() = default;
    // A text of several lines becomes a record a line.
    virtual void write(LogLevel level, std::string_view text) = 0;
    // A stage begins here: a failure shows what the kernel says from now on.
    virtual void mark() {}
};

// Drops what it is given until open() has succeeded; a full or missing log never stops a boot.
class KernelLog final : public Log {
  public:
    void open();
    void write(LogLevel level, std::string_view text) override;
    void mark() override;
    // The kernel's own records of warning and above since the mark, the newest `most` of them, oldest
    // first; the records of this program are left out. Empty when the log cannot be read.
    std::vector<std::string> kernel_records(std::size_t most);

  private:
    Fd fd_;
    Fd reader_;  // stands where the mark is
};

// One record of /dev/kmsg ("4,1234,5678901,-;text"): the line to show, or empty when it is not a
// warning or was written by this program.
std::string format_kernel_record(std::string_view record);

}  // namespace prologue
