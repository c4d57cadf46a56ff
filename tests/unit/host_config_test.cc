// SPDX-License-Identifier: MIT
// What the commands that plan a config take from their command lines.
#include "images/host_config.h"

#include <cstdlib>

#include <unistd.h>

#include "images/host.h"
#include "tests/unit/test.h"

namespace prologue::tests {

using images::CommandLineWords;

TEST_CASE("host config: options of a command become those of the plan") {
    CommandLineWords line;
    line.options = {{"--cmdline", "root=/dev/vda"}, {"--board", "qemu"}, {"--locked", ""}};
    const Result<images::HostPlanOptions> options = images::plan_options(line);
    REQUIRE_OK(options);
    CHECK(options->command_line == "root=/dev/vda");
    CHECK(options->board == "qemu");
    CHECK(options->locked);
    CHECK(!images::plan_options({})->board);
}

TEST_CASE("host config: an unknown board is a mistake of usage") {
    for (const auto& [name, hint] : {std::pair{"qemo", "did you mean 'qemu'?"},
                                     std::pair{"toaster", "boards: qemu pc generic"}}) {
        CommandLineWords line;
        line.options = {{"--board", name}};
        const Result<images::HostPlanOptions> options = images::plan_options(line);
        CHECK(!options);
        if (options) continue;
        CHECK(options.error()->detail == "unknown board '" + std::string(name) + "'");
        CHECK(options.error()->hint == hint);
        // report() of images/command.h ends the tool with the exit code for usage then.
        CHECK(options.error()->kind == ErrorKind::kConfig);
        CHECK(options.error()->op.empty());
    }
}

TEST_CASE("host: an output that is an input, by any name, is refused") {
    char folder[] = "/tmp/prologue-inputs-XXXXXX";
    CHECK(mkdtemp(folder) != nullptr);
    const std::string conf = std::string(folder) + "/a.conf", link = std::string(folder) + "/link";
    REQUIRE_OK(images::write_output(conf, "reboot\n", 0600));
    CHECK(symlink("a.conf", link.c_str()) == 0);
    CHECK(!images::keep_inputs(conf, {"/nothing", conf}));
    CHECK(!images::keep_inputs(link, {conf}));
    CHECK(images::keep_inputs(conf, {"/dev/null"}).has_value());
    CHECK(images::keep_inputs(std::string(folder) + "/new", {conf}).has_value());
    CHECK(images::keep_inputs("-", {conf}).has_value());
    for (const std::string& file : {conf, link}) (void)unlink(file.c_str());
    (void)rmdir(folder);
}

}  // namespace prologue::tests
