// SPDX-License-Identifier: MIT
#include "init/report.h"

#include <cerrno>

#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

StageOutcome full_outcome() {
    StageOutcome outcome;
    outcome.summary = "/dev/vda (ext4) on /newroot";
    outcome.init_path = "/sbin/init";
    outcome.new_root = "/newroot";
    outcome.skipped = true;
    outcome.device = Device{"/dev/vda", 0xfe00, 17, "ext4", "6a1c4e5e-8d1c", "root"};
    return outcome;
}

Error full_error() {
    Error error = Error::system("mount", ENODEV, "/dev/vda on /newroot");
    error->detail = "mount: unknown filesystem type";
    error->hint = "load a driver";
    error->notes = {"/dev/vdb: vfat", "", std::string("\0\xff", 2)};
    return error;
}

void check_same(const StageOutcome& a, const StageOutcome& b) {
    CHECK(a.summary == b.summary);
    CHECK(a.init_path == b.init_path);
    CHECK(a.new_root == b.new_root);
    CHECK(a.skipped == b.skipped);
    CHECK(a.device.has_value() == b.device.has_value());
    if (!a.device || !b.device) return;
    CHECK(a.device->path == b.device->path);
    CHECK(a.device->number == b.device->number);
    CHECK(a.device->diskseq == b.device->diskseq);
    CHECK(a.device->fstype == b.device->fstype);
    CHECK(a.device->uuid == b.device->uuid);
    CHECK(a.device->label == b.device->label);
}

// Whatever bytes come: no crash, and what is taken for a report has sane values.
void check_bytes(std::string_view bytes) {
    const auto decoded = decode_report(bytes);
    if (!decoded || decoded->has_value()) return;
    CHECK(decoded->error()->kind <= ErrorKind::kCrashed);
    CHECK(decoded->error()->errnum >= 0);
    CHECK(decoded->error()->notes.size() <= 64);
}

}  // namespace

TEST_CASE("report: an outcome comes back as it was") {
    const auto decoded = decode_report(encode_report(full_outcome()));
    CHECK(decoded.has_value());
    if (!decoded) return;
    REQUIRE_OK(*decoded);
    check_same(**decoded, full_outcome());
    const auto empty = decode_report(encode_report(StageOutcome{}));
    CHECK((empty && *empty));
    if (empty && *empty) check_same(**empty, StageOutcome{});
}

TEST_CASE("report: an error comes back as it was") {
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::kCrashed); ++kind) {
        Error sent = full_error();
        sent->kind = static_cast<ErrorKind>(kind);
        const auto decoded = decode_report(encode_report(fail(sent)));
        CHECK((decoded && !*decoded));
        if (!decoded || *decoded) continue;
        const Error& error = decoded->error();
        CHECK(error->kind == sent->kind);
        CHECK(error->errnum == sent->errnum);
        CHECK(describe(error) == describe(sent));
        CHECK(error->hint == sent->hint);
        CHECK(error->notes == sent->notes);
    }
}

TEST_CASE("report: what PID 1 alone finds out is no report of a child") {
    for (const ErrorKind kind : {ErrorKind::kStuck, ErrorKind::kStopped}) {
        Error sent = full_error();
        sent->kind = kind;
        CHECK(!decode_report(encode_report(fail(sent))).has_value());
    }
}

TEST_CASE("report: every truncation and every longer one is refused") {
    for (const std::string& report :
         {encode_report(full_outcome()), encode_report(fail(full_error()))}) {
        for (std::size_t size = 0; size < report.size(); ++size) {
            CHECK_FALSE(decode_report(std::string_view(report).substr(0, size)).has_value());
        }
        CHECK_FALSE(decode_report(report + '\0').has_value());
        CHECK_FALSE(decode_report(report + report).has_value());
    }
}

TEST_CASE("report: every single byte may be wrong") {
    for (std::string report : {encode_report(full_outcome()), encode_report(fail(full_error()))}) {
        for (char& byte : report) {
            const char right = byte;
            for (int wrong = 0; wrong < 256; ++wrong) {
                byte = static_cast<char>(wrong);
                check_bytes(report);
            }
            byte = right;
        }
    }
}

TEST_CASE("report: what is too long is cut so that the pipe takes it") {
    Error error = full_error();
    error->detail.assign(100'000, 'x');
    error->notes.assign(1'000, std::string(20'000, 'n'));
    const std::string report = encode_report(fail(error));
    CHECK(report.size() <= kMaxReport);
    const auto decoded = decode_report(report);
    CHECK((decoded && !*decoded));
    StageOutcome outcome = full_outcome();
    outcome.summary.assign(100'000, 's');
    const auto cut = decode_report(encode_report(outcome));
    CHECK((cut && *cut && (*cut)->summary.size() == 8 * 1024));
}

}  // namespace prologue::tests
