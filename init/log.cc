// SPDX-License-Identifier: MIT
#include "init/log.h"

#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <unistd.h>

#include "init/base/compose.h"
#include "init/base/split.h"

namespace prologue {
namespace {

constexpr std::string_view kPrefix = "prologue: ";
// One write is one record; a longer one than LOG_LINE_MAX is refused (devkmsg_write()).
constexpr std::size_t kMaxRecord = 960;

void write_record(int fd, LogLevel level, std::string_view line) {
    std::string record = compose("<{}>", std::to_string(static_cast<int>(level)));
    record += kPrefix;
    record += line.substr(0, kMaxRecord - record.size());
    // Without its newline a record stays open for a continuation, and no console shows it before the
    // next one comes (kernel/printk/printk.c, prb_commit() and prb_final_commit()).
    record += '\n';
    // A lost log line must not change the boot, so the result is not looked at.
    (void)!::write(fd, record.data(), record.size());
}

template <class Number>
Number take_number(std::string_view& text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    text.remove_prefix(error == std::errc{} ? static_cast<std::size_t>(end - text.data()) : 0);
    if (!text.empty()) text.remove_prefix(1);
    return value;
}

// A record of /dev/kmsg: "4,1234,5678901,-;text", with lines of properties behind it.
struct Record {
    unsigned level = 0;
    long long microseconds = 0;
    std::string_view text;  // empty for what is no record
};

Record parse_record(std::string_view bytes) {
    Record record;
    record.level = take_number<unsigned>(bytes) & 7U;
    (void)take_number<unsigned long long>(bytes);  // the sequence number
    record.microseconds = take_number<long long>(bytes);
    const std::size_t semicolon = bytes.find(';');
    if (semicolon == std::string_view::npos) return record;
    record.text = bytes.substr(semicolon + 1, bytes.find('\n') - semicolon - 1);
    return record;
}

}  // namespace

void KernelLog::open() {
    constexpr int kFlags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    fd_.reset(::open("/dev/kmsg", O_RDWR | kFlags));
    can_read_ = fd_.valid();
    // Writing may be allowed where reading is not (dmesg_restrict, in a namespace).
    if (!can_read_ && errno != ENOENT) fd_.reset(::open("/dev/kmsg", O_WRONLY | kFlags));
}

void KernelLog::mark() {
    // Timestamps would not do: printk's clock and CLOCK_MONOTONIC start apart.
    if (can_read_) (void)lseek(fd_.get(), 0, SEEK_END);
}

void KernelLog::write(LogLevel level, Text text) {
    write_records(shows_debug_ && level == LogLevel::kDebug ? LogLevel::kInfo : level, text);
}

void KernelLog::write_silently(std::string_view text) {
    write_records(LogLevel::kDebug, text);
}

void KernelLog::write_records(LogLevel level, std::string_view text) {
    if (!fd_.valid()) return;
    while (!text.empty()) {
        const std::string_view line = take_part(text, '\n');
        if (!line.empty()) write_record(fd_.get(), level, line);
    }
}

std::optional<Instant> KernelLog::write_dated(LogLevel level, std::string_view text) {
    mark();
    write(level, text);
    char record[8192];
    while (can_read_) {
        const ssize_t got = read(fd_.get(), record, sizeof record);
        if (got < 0 && (errno == EPIPE || errno == EINTR)) continue;
        if (got <= 0) break;
        const Record parsed = parse_record({record, static_cast<std::size_t>(got)});
        // The kernel may have said something in between.
        if (parsed.text.starts_with(kPrefix)) return std::chrono::microseconds(parsed.microseconds);
    }
    return std::nullopt;
}

std::string format_kernel_record(std::string_view record) {
    const Record parsed = parse_record(record);
    if (parsed.text.empty() || parsed.level > 4 || parsed.text.starts_with(kPrefix)) return {};
    std::string fraction = std::to_string(1'000'000 + parsed.microseconds % 1'000'000);
    fraction[0] = '.';
    return compose("[{}{}] {}", std::to_string(parsed.microseconds / 1'000'000), fraction,
                   std::string(parsed.text));
}

std::vector<std::string> KernelLog::kernel_records(std::size_t most) {
    std::vector<std::string> lines;
    char record[8192];
    while (can_read_) {
        const ssize_t got = read(fd_.get(), record, sizeof record);
        if (got < 0 && (errno == EPIPE || errno == EINTR))
            continue;  // EPIPE: overwritten meanwhile
        if (got <= 0) break;
        std::string line = format_kernel_record({record, static_cast<std::size_t>(got)});
        if (line.empty()) continue;
        if (lines.size() == most) lines.erase(lines.begin());
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace prologue
