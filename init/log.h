// SPDX-License-Identifier: MIT
// Lines for the kernel's log, each with the prefix "prologue: ".   Source: dev-kmsg (Linux ABI).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/base/clock.h"
#include "init/base/fd.h"
#include "init/base/literal.h"

namespace prologue {

enum class LogLevel : int { kError = 3, kWarning = 4, kNotice = 5, kInfo = 6, kDebug = 7 };

class Log {
  public:
    virtual ~Log() = default;
    // A text of several lines becomes a record a line.
    virtual void write(LogLevel level, Text text) = 0;
    // A stage begins here: a failure shows what the kernel says from now on.
    virtual void mark() {}
    // Whether anybody will see what is written at kDebug, so that it need not be put together else.
    [[nodiscard]] virtual bool wants_debug() const { return false; }
};

// Drops what it is given until open() has succeeded; a full or missing log never stops a boot.
class KernelLog final : public Log {
  public:
    void open();
    void write(LogLevel level, Text text) override;
    void mark() override;
    // Writes one line and gives the time that its record is stamped with, of the kernel's own clock:
    // printk's and CLOCK_MONOTONIC start apart. nullopt when the log cannot be read. Moves the mark.
    std::optional<Instant> write_dated(LogLevel level, std::string_view text);
    // For what the consoles have been given directly: at debug level, whatever show_debug() says.
    void write_silently(std::string_view text);
    // prologue.log=debug: what is written at kDebug from now on goes out at kInfo.
    void show_debug(bool shown) { shows_debug_ = shown; }
    [[nodiscard]] bool wants_debug() const override { return shows_debug_; }
    // The kernel's own records of warning and above since the mark, the newest `most` of them, oldest
    // first; the records of this program are left out. Empty when the log cannot be read.
    std::vector<std::string> kernel_records(std::size_t most);

  private:
    void write_records(LogLevel level, std::string_view text);

    Fd fd_;  // reads from where the mark is
    bool can_read_ = false;
    bool shows_debug_ = false;
};

// One record of /dev/kmsg ("4,1234,5678901,-;text"): the line to show, or empty when it is not a
// warning or was written by this program.
std::string format_kernel_record(std::string_view record);

}  // namespace prologue
