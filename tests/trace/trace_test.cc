// SPDX-License-Identifier: MIT
// Every NNN_slug.conf of this folder is booted on the made-up machine and compared with its .trace.
#include "tests/unit/test.h"

#include "tests/trace/goldens.h"
#include "tests/trace/scenario.h"

namespace prologue::fake {

TEST_CASE("trace: every boot of tests/trace is what it was") {
    const std::vector<Scenario> scenarios = scenarios_in("trace");
    CHECK(scenarios.size() >= 15);
    for (const Scenario& scenario : scenarios) {
        const BootResult boot = run_boot(scenario);
        const std::string golden =
            "trace/" + scenario.name.substr(0, scenario.name.size() - 5) + ".trace";
        const std::string difference = compare_with_golden(golden, boot.trace);
        CHECK_MESSAGE(difference.empty(), difference);
        CHECK_MESSAGE(boot.config_is_good, scenario.name << ": a trace needs a config that runs\n"
                                                         << boot.trace);
    }
}

TEST_CASE("trace: a boot is the same every time") {
    for (const Scenario& scenario : scenarios_in("trace")) {
        CHECK(run_boot(scenario).trace == run_boot(scenario).trace);
    }
}

}  // namespace prologue::fake
