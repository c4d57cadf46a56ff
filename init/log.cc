// SPDX-License-Identifier: MIT
#include "init/log.h"

#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <unistd.h>

#include "init/base/split.h"

namespace prologue {
namespace {

constexpr std::string_view kPrefix = "prologue: ";
// One write is one record; a longer one than LOG_LINE_MAX is refused (devkmsg_write()).
constexpr std::size_t kMaxRecord = 960;

void write_record(int fd, LogLevel level, std::string_view line) {
    std::string record = "<" + std::to_string(static_cast<int>(level)) + ">";
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

}  // namespace

void KernelLog::open() {
    fd_.reset(::open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    reader_.reset(::open("/dev/kmsg", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

void KernelLog::mark() {
    // Timestamps would not do: printk's clock and CLOCK_MONOTONIC start apart.
    if (reader_.valid()) (void)lseek(reader_.get(), 0, SEEK_END);
}

void KernelLog::write(LogLevel level, std::string_view text) {
    if (!fd_.valid()) return;
    while (!text.empty()) {
        const std::string_view line = take_part(text, '\n');
        if (!line.empty()) write_record(fd_.get(), level, line);
    }
}

std::string format_kernel_record(std::string_view record) {
    const unsigned priority = take_number<unsigned>(record);
    (void)take_number<unsigned long long>(record);  // the sequence number
    const auto microseconds = take_number<long long>(record);
    const std::size_t semicolon = record.find(';');
    if (semicolon == std::string_view::npos) return {};
    const std::string_view text = record.substr(semicolon + 1, record.find('\n') - semicolon - 1);
    if ((priority & 7U) > 4U || text.substr(0, kPrefix.size()) == kPrefix) return {};
    std::string fraction = std::to_string(1'000'000 + microseconds % 1'000'000);
    fraction[0] = '.';
    return "[" + std::to_string(microseconds / 1'000'000) + fraction + "] " + std::string(text);
}

std::vector<std::string> KernelLog::kernel_records(std::size_t most) {
    std::vector<std::string> lines;
    char record[8192];
    while (reader_.valid()) {
        const ssize_t got = read(reader_.get(), record, sizeof record);
        if (got < 0 && (errno == EPIPE || errno == EINTR)) continue;  // EPIPE: overwritten meanwhile
        if (got <= 0) break;
        std::string line = format_kernel_record({record, static_cast<std::size_t>(got)});
        if (line.empty()) continue;
        if (lines.size() == most) lines.erase(lines.begin());
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace prologue
