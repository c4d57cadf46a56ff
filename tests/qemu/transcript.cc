// SPDX-License-Identifier: MIT
#include "tests/qemu/transcript.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include <doctest/doctest.h>

namespace prologue::qemu_tests {
namespace {

constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
constexpr std::string_view kKernelRecord = "  kernel: ";

// The kernel pads its stamps, a failure block does not.
constexpr std::size_t kPadded = sizeof "[    0.000000] " - 1;

std::vector<std::string> split_lines(std::string_view text) {
    std::vector<std::string> lines;
    std::string line;
    for (const char c : text) {
        if (c == '\n') lines.push_back(std::exchange(line, {}));
        if (c != '\n' && c != '\r') line += c;
    }
    if (!line.empty()) lines.push_back(line);
    return lines;
}

// "[    1.234567] " in front of a record of the kernel's log; 0 when there is none.
std::size_t stamp_length(std::string_view line) {
    const std::size_t end = line.find("] ");
    if (!line.starts_with('[') || end == std::string_view::npos) return 0;
    const std::string_view inside = line.substr(1, end - 1);
    const bool is_time = inside.find_first_not_of(" 0123456789.") == std::string_view::npos;
    return is_time && inside.find('.') != std::string_view::npos ? end + 2 : 0;
}

// Where the kernel cut into a line of a program; kNowhere when it did not.
std::size_t find_cut(std::string_view line) {
    std::size_t at = line.find('[', 1);
    while (at != std::string_view::npos && stamp_length(line.substr(at)) < kPadded)
        at = line.find('[', at + 1);
    return at == std::string_view::npos ? kNowhere : at;
}

// The lines, those of programs made whole again: the kernel writes a record whenever it comes, and
// what stood in front of it goes on behind it.
std::vector<std::string> whole_lines(std::string_view raw) {
    std::vector<std::string> lines;
    std::string begun;
    for (std::string& line : split_lines(raw)) {
        if (stamp_length(line) == 0) {
            line.insert(0, std::exchange(begun, {}));
            const std::size_t cut = find_cut(line);
            if (cut != kNowhere) {
                begun = line.substr(0, cut);
                line.erase(0, cut);
            }
        }
        lines.push_back(std::move(line));
    }
    if (!begun.empty()) lines.push_back(begun);
    return lines;
}

// The length of the kernel's record that begins there, with its line's end; 0 when none does, or none
// that is whole.
std::size_t record_length(std::string_view raw) {
    const std::size_t end = raw.find('\n');
    if (end == kNowhere || stamp_length(raw.substr(0, end)) < kPadded) return 0;
    return end + 1;
}

}  // namespace

std::size_t end_of_text(std::string_view raw, std::string_view text, std::size_t from) {
    const std::size_t whole = raw.find(text, from);
    if (whole != std::string_view::npos) return whole + text.size();
    std::string said;
    std::vector<std::size_t> ends;  // in `raw`, of each character
    for (std::size_t at = from; at < raw.size();) {
        const std::size_t record = raw[at] == '[' ? record_length(raw.substr(at)) : 0;
        at += record;
        if (record != 0) continue;
        said += raw[at++];
        ends.push_back(at);
    }
    const std::size_t found = said.find(text);
    return found == std::string::npos || text.empty() ? kNowhere : ends[found + text.size() - 1];
}

void fail_at(const Where& where, const std::string& message) {
    ADD_FAIL_CHECK_AT(where.file, where.line, message);
}

bool matches(std::string_view pattern, std::string_view line) {
    std::size_t p = 0, at = 0, star = kNowhere, star_at = 0;
    while (at < line.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_at = at;
        } else if (p < pattern.size() && pattern[p] == line[at]) {
            p++;
            at++;
        } else if (star != kNowhere) {
            p = star + 1;
            at = ++star_at;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

Transcript::Transcript(std::string_view raw) {
    for (const std::string& line : whole_lines(raw)) {
        const std::size_t stamp = stamp_length(line);
        if (stamp == 0 && !line.starts_with(kKernelRecord)) spoken_.push_back(line);
        times_.push_back(stamp == 0 ? -1 : std::strtod(line.c_str() + 1, nullptr));
        lines_.push_back(line.substr(stamp));
    }
}

std::size_t Transcript::find(std::string_view pattern) const {
    for (std::size_t i = 0; i < lines_.size(); i++)
        if (matches(pattern, lines_[i])) return i;
    return kNowhere;
}

std::vector<std::string> Transcript::texts_behind(std::string_view prefix) const {
    std::vector<std::string> texts;
    for (const std::string& line : lines_)
        if (line.starts_with(prefix)) texts.push_back(line.substr(prefix.size()));
    return texts;
}

bool Transcript::contains(std::string_view pattern) const {
    return find(pattern) != kNowhere;
}

void Transcript::has(std::string_view pattern, Where where) const {
    if (!contains(pattern)) fail_at(where, "no line: " + std::string(pattern));
}

void Transcript::has_times(std::size_t count, std::string_view pattern, Where where) const {
    const auto found = static_cast<std::size_t>(
        std::count_if(lines_.begin(), lines_.end(),
                      [pattern](const std::string& line) { return matches(pattern, line); }));
    if (found == count) return;
    fail_at(where, std::to_string(found) + " lines instead of " + std::to_string(count) + ": " +
                       std::string(pattern));
}

void Transcript::lacks(std::string_view pattern, Where where) const {
    const std::size_t at = find(pattern);
    if (at != kNowhere) fail_at(where, "unwanted line: " + lines_[at]);
}

void Transcript::has_block(std::string_view block, Where where) const {
    const std::vector<std::string> wanted = split_lines(block);
    std::size_t best = 0;
    for (std::size_t start = 0; start < spoken_.size(); start++) {
        std::size_t length = 0;
        while (length < wanted.size() && start + length < spoken_.size() &&
               matches(wanted[length], spoken_[start + length]))
            length++;
        if (length == wanted.size()) return;
        best = std::max(best, length);
    }
    fail_at(where,
            "no such block; it fits up to this line: " + wanted[best] + "\n" + std::string(block));
}

void Transcript::has_order(std::string_view before, std::string_view after, Where where) const {
    const std::size_t first = find(before), second = find(after);
    if (first != kNowhere && second != kNowhere && first < second) return;
    fail_at(where, "not in this order: " + std::string(before) + ", then " + std::string(after));
}

double Transcript::time_of(std::string_view pattern, Where where) const {
    for (std::size_t i = 0; i < lines_.size(); i++)
        if (times_[i] >= 0 && matches(pattern, lines_[i])) return times_[i];
    fail_at(where, "no record with a time: " + std::string(pattern));
    return -1;
}

void Transcript::takes_at_most(double seconds, std::string_view from, std::string_view to,
                               Where where) const {
    const double taken = time_of(to, where) - time_of(from, where);
    if (taken >= 0 && taken <= seconds) return;
    fail_at(where, std::to_string(taken) + " s instead of at most " + std::to_string(seconds) +
                       " s from '" + std::string(from) + "' to '" + std::string(to) + "'");
}

long Transcript::number_behind(std::string_view prefix) const {
    const std::size_t at = find(std::string(prefix) + "*");
    long number = -1;
    if (at == kNowhere) return number;
    const std::string_view text = std::string_view(lines_[at]).substr(prefix.size());
    (void)std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace prologue::qemu_tests
