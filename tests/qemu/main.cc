// SPDX-License-Identifier: MIT
// qemu_tests: boots real kernels with real images under QEMU and reads what their consoles say.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstring>

#include "tests/qemu/case_folder.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

// Only a listener learns whether a test case failed, whichever assertion it was.
struct CaseWatch : doctest::IReporter {
    explicit CaseWatch(const doctest::ContextOptions&) {}
    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats&) override {}
    void test_case_start(const doctest::TestCaseData&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats& end) override {
        end_case(end.testCaseSuccess);
    }
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};

// The build asks for the names of the tests, long before there is a disk or a kernel.
bool only_asks(int argc, char** argv) {
    for (int i = 1; i < argc; i++)
        if (std::strstr(argv[i], "list-") != nullptr || std::strstr(argv[i], "help") != nullptr)
            return true;
    return false;
}

}  // namespace
}  // namespace prologue::qemu_tests

int main(int argc, char** argv) {
    using namespace prologue::qemu_tests;
    if (!only_asks(argc, argv)) {
        const std::string problems = settings_problems();
        if (!problems.empty()) {
            (void)std::fprintf(stderr, "qemu_tests: %s", problems.c_str());
            return 1;
        }
    }
    doctest::registerReporter<CaseWatch>("case-watch", 0, false);
    doctest::Context context(argc, argv);
    return context.run();
}
