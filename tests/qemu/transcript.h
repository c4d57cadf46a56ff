// SPDX-License-Identifier: MIT
// What a machine said on its serial line, and the assertions about it. A pattern is a whole line in
// which '*' stands for any characters; the kernel's time stamp in front of a line is not part of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prologue::qemu_tests {

// The place of a call. (std::source_location needs a newer clang than the one of clang-tidy.)
struct Where {
    const char* file;
    int line;
    static Where current(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
        return {file, line};
    }
};

// Fails the test case, as a line of the place of the call.
void fail_at(const Where& where, const std::string& message);

// Where `text` ends in `raw` at or behind `from`, be it in one piece or cut by records of the kernel;
// npos when it has not been said.
std::size_t end_of_text(std::string_view raw, std::string_view text, std::size_t from);

bool matches(std::string_view pattern, std::string_view line);

class Transcript {
  public:
    Transcript() = default;
    explicit Transcript(std::string_view raw);

    // Each fails the test case at the place of the call when it does not hold.
    void has(std::string_view pattern, Where where = Where::current()) const;
    void has_times(std::size_t count, std::string_view pattern,
                   Where where = Where::current()) const;
    void lacks(std::string_view pattern, Where where = Where::current()) const;
    // All lines of the block, one right behind the other, each a pattern. What the kernel says in
    // between is left out, as are the records of its log that a failure block ends with.
    void has_block(std::string_view block, Where where = Where::current()) const;
    // The first line that matches `before` stands in front of the first that matches `after`.
    void has_order(std::string_view before, std::string_view after,
                   Where where = Where::current()) const;

    // The number in the first line that begins with `prefix`; -1 without one.
    [[nodiscard]] long number_behind(std::string_view prefix) const;
    // What follows `prefix` in each line that begins with it.
    [[nodiscard]] std::vector<std::string> texts_behind(std::string_view prefix) const;
    [[nodiscard]] bool contains(std::string_view pattern) const;
    // The guest's own clock, in seconds, at the first record of its kernel's log that matches; the
    // test case fails when there is none.
    [[nodiscard]] double time_of(std::string_view pattern, Where where = Where::current()) const;
    // Seconds of guest time between two records.
    void takes_at_most(double seconds, std::string_view from, std::string_view to,
                       Where where = Where::current()) const;

  private:
    [[nodiscard]] std::size_t find(std::string_view pattern) const;

    std::vector<std::string> lines_;   // all, without time stamps
    std::vector<double> times_;        // of each of them; negative without a stamp
    std::vector<std::string> spoken_;  // those of programs: what the kernel says is left out
};

}  // namespace prologue::qemu_tests
