// SPDX-License-Identifier: MIT
// The kernel command line, and the parameters of a module against it. The input: the command line,
// then, each behind a NUL, a module's name and the parameters that a config line gives it.
#include "config/cmdline.h"

#include <algorithm>

#include "config/values.h"
#include "init/base/split.h"
#include "stages/kmod/module_failure.h"
#include "tests/fuzz/fuzz.h"

namespace prologue::fuzz {
namespace {

// Everything in quotes, whatever it is. False when a quote inside a word makes that ambiguous: the
// kernel has no escape for it.
bool print(const config::CommandLine& line, std::string& text) {
    for (const config::Parameter& one : line.parameters()) {
        std::string word = one.name;
        if (one.value) word += "=" + *one.value;
        text += "\"" + word + "\" ";
    }
    if (!line.init_arguments().empty()) text += "-- ";
    for (const std::string& word : line.init_arguments()) text += "\"" + word + "\" ";
    const auto quotes = static_cast<std::size_t>(std::count(text.begin(), text.end(), '"'));
    return quotes == 2 * (line.parameters().size() + line.init_arguments().size());
}

bool same(const config::CommandLine& a, const config::CommandLine& b) {
    if (a.init_arguments() != b.init_arguments()) return false;
    if (a.parameters().size() != b.parameters().size()) return false;
    for (std::size_t i = 0; i < a.parameters().size(); ++i) {
        const config::Parameter& x = a.parameters()[i];
        const config::Parameter& y = b.parameters()[i];
        if (x.name != y.name || x.value != y.value) return false;
    }
    return true;
}

void check_lookups(const config::CommandLine& line) {
    config::Values values;
    values.command_line = line;
    std::vector<std::string> names;
    for (const config::Parameter& one : line.parameters()) {
        if (names.size() == 64) break;  // each is looked for among all: enough of them
        names.push_back(one.name);
        const config::Parameter* last = line.last(one.name);
        HOLDS(last != nullptr);
        const std::vector<std::string> all = line.all(one.name);
        HOLDS(!all.empty() && all.back() == last->value.value_or("1"));
        HOLDS(last->value.has_value() || line.flag(one.name));
        if (!one.name.empty()) HOLDS(values.lookup("cmdline." + one.name) == all.back());
    }
    const config::CommandLine restricted = line.restricted_to(names);
    HOLDS(restricted.init_arguments().empty());
    HOLDS(restricted.parameters().size() >= names.size());
    HOLDS(line.restricted_to({}).parameters().empty());
}

// A parameter that the command line sets is gone, and what is left stays.
void check_module(const config::CommandLine& line, std::string_view module,
                  std::string_view parameters) {
    const std::string merged = merge_parameters(module, parameters, line);
    HOLDS(merged.size() <= parameters.size());
    HOLDS(merge_parameters(module, merged, line) == merged);
    HOLDS(same_module_name(module, module));
    const bool listed = command_line_lists(line, "module_blacklist", module);
    HOLDS(!listed || line.last("module_blacklist") != nullptr);
}

}  // namespace

void fuzz_one(std::string_view input) {
    const std::string_view text = take_part(input, '\0');
    const config::CommandLine line = config::CommandLine::parse(text);
    HOLDS(line.parameters().size() + line.init_arguments().size() <= text.size());
    std::string printed;
    if (print(line, printed)) HOLDS(same(line, config::CommandLine::parse(printed)));
    check_lookups(line);
    const std::string_view module = take_part(input, '\0');
    check_module(line, module, take_part(input, '\0'));
}

}  // namespace prologue::fuzz
