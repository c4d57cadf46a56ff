// SPDX-License-Identifier: MIT
#include "tests/unit/config_text.h"

#include <cstdio>

namespace prologue::tests {

std::string rendered(const config::Diagnostics& diagnostics) {
    std::string text;
    for (const config::Diagnostic& one : diagnostics.sorted()) text += config::render(one);
    return text;
}

std::string read_test_file(const std::string& name) {
    const std::string path = std::string(PROLOGUE_TEST_DIR "/") + name;
    std::string text;
    FILE* const file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) return text;
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;)
        text.append(buffer, n);
    std::fclose(file);
    return text;
}

const config::Source& prelude_source() {
    // Never destroyed: plans of any test may point into it.
    static const auto* const source =
        new config::Source{"(prelude)", read_test_file("../config/prelude.conf")};
    return *source;
}

Planned::Planned(std::string name, std::string text, std::string_view words)
    : source{std::move(name), std::move(text)}, command_line(config::CommandLine::parse(words)) {
    input.config = &source;
    input.prelude = &prelude_source();
    if (!words.empty()) input.command_line = &command_line;
    replan();
}

void Planned::replan() {
    plan = make_plan(input);
}

}  // namespace prologue::tests
