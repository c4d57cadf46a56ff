// SPDX-License-Identifier: MIT
// stages/modules.cc: loads kernel modules with their dependencies.   Source: modprobe(8), libkmod.
#include "stages/modules.h"

#include "init/base/compose.h"
#include "stages/coldplug.h"
#include "stages/stages.h"

namespace prologue {
namespace {

constexpr OptionSpec kOptions[] = {
    {"name", ValueKind::kModule, Need::kRest,
     "module names or aliases, in order; NAME.key=value gives one of them a parameter; or 'auto': "
     "the drivers of the devices that are there, and of those that later lines wait for",
     ""},
};

constexpr Literal kAuto = "auto";

struct ModuleWord {
    std::string name;        // "virtio_blk"
    std::string parameters;  // "queue_depth=64 num_request_queues=2"
};

std::string folded(std::string_view name) {
    std::string text(name);
    for (char& c : text) {
        if (c == '-') c = '_';
    }
    return text;
}

// A parameter word is NAME.key=value: the dot stands before the '='. Aliases with dots or '=' in
// them ("of:N*T*C…", "pci:v00001AF4…") have a ':' first.
bool is_parameter(std::string_view word) {
    const std::size_t dot = word.find('.');
    const std::size_t equals = word.find('=');
    return dot != std::string_view::npos && equals != std::string_view::npos && dot < equals &&
           word.find(':') > dot;
}

// NAME.key=value without its NAME. A value with blanks goes to the kernel in double quotes, as on its
// own command line (next_arg() of lib/cmdline.c), where a quote cannot be escaped.
Result<std::string> parameter_of(std::string_view word) {
    const std::string_view parameter = word.substr(word.find('.') + 1);
    const std::size_t equals = parameter.find('=');
    const std::string_view value = parameter.substr(equals + 1);
    if (value.find_first_of(" \t\n\v\f\r") == std::string_view::npos) return std::string(parameter);
    const std::size_t first = value.find('"');
    if (first == std::string_view::npos) {
        return compose("{}=\"{}\"", std::string(parameter.substr(0, equals)), std::string(value));
    }
    const bool is_quoted = first == 0 && value.find('"', 1) == value.size() - 1;
    if (is_quoted) return std::string(parameter);
    return fail(Error::config(compose(
        "'{}' has blanks and quotes, which cannot both reach the kernel", std::string(word))));
}

// The modules of a line in their order, each with its parameters. A parameter of a module that the
// line does not name is an error: it would do nothing.
Result<std::vector<ModuleWord>> parse_modules(const std::vector<std::string>& words) {
    std::vector<ModuleWord> modules;
    for (const std::string& word : words) {
        if (!is_parameter(word)) modules.push_back({word, {}});
    }
    for (const std::string& word : words) {
        if (!is_parameter(word)) continue;
        const std::size_t dot = word.find('.');
        ModuleWord* owner = nullptr;
        for (ModuleWord& module : modules) {
            if (folded(module.name) == folded(word.substr(0, dot))) owner = &module;
        }
        if (owner == nullptr) {
            return fail(
                Error::config(compose("'{}' is for module '{}', which this line does not load",
                                      word, word.substr(0, dot))));
        }
        if (!owner->parameters.empty()) owner->parameters += ' ';
        owner->parameters += TRY(parameter_of(word));
    }
    return modules;
}

void plan_modules(const Step& step, PlanContext& context) {
    context.note_driver_line();
    std::vector<std::string> words;
    for (const config::Word& word : step.rest) {
        if (!word.is_literal()) return;  // known only at boot; checked again there
        if (word.text() == kAuto && step.rest.size() > 1) {
            context.diagnostics().error(word.span, "'auto' stands alone",
                                        "give the other modules a line of their own");
            return;
        }
        words.push_back(word.text());
    }
    const Result<std::vector<ModuleWord>> modules = parse_modules(words);
    if (!modules) context.diagnostics().error(step.line, modules.error()->detail);
}

Result<StageOutcome> run_auto(StageContext& context) {
    Coldplug coldplug(context.sys, context.modules);
    TRY_VOID(coldplug.load_all());
    StageOutcome outcome;
    outcome.summary = kAuto.str();
    outcome.serves_devices = true;
    for (const std::string& name : coldplug.loaded()) outcome.summary += " " + name;
    outcome.warnings = coldplug.failures();
    return outcome;
}

Result<StageOutcome> run_modules(const Arguments& arguments, StageContext& context) {
    if (arguments.rest().size() == 1 && arguments.rest().front() == kAuto.view())
        return run_auto(context);
    const std::vector<ModuleWord> modules = TRY(parse_modules(arguments.rest()));
    StageOutcome outcome;
    for (const ModuleWord& module : modules) {
        TRY_VOID(context.modules.load(module.name, module.parameters));
        outcome.summary += (outcome.summary.empty() ? "" : " ") + module.name;
    }
    return outcome;
}

}  // namespace

constinit const StageType kModulesStage = {
    "modules", "load kernel modules", kOptions,   false, Ending::kNone,
    false,     plan_modules,          run_modules};

}  // namespace prologue
