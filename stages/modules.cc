// SPDX-License-Identifier: MIT
// stages/modules.cc: loads kernel modules with their dependencies.   Source: modprobe(8), libkmod.
#include "stages/stages.h"

namespace prologue {
namespace {

constexpr OptionSpec kOptions[] = {
    {"name", ValueKind::kModule, Need::kRest,
     "module names or aliases, in order; NAME.key=value gives one of them a parameter", ""},
};

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
            return fail(Error::config("'" + word + "' is for module '" + word.substr(0, dot) +
                                      "', which this line does not load"));
        }
        if (!owner->parameters.empty()) owner->parameters += ' ';
        owner->parameters += word.substr(dot + 1);
    }
    return modules;
}

void plan_modules(const Step& step, PlanContext& context) {
    context.note_driver_line();
    std::vector<std::string> words;
    for (const config::Word& word : step.rest) {
        if (!word.is_literal()) return;  // known only at boot; checked again there
        if (word.text() == "auto") {
            context.diagnostics().error(word.span, "'modules auto' is not in this build",
                                        "name the modules that this machine needs");
            return;
        }
        words.push_back(word.text());
    }
    const Result<std::vector<ModuleWord>> modules = parse_modules(words);
    if (!modules) context.diagnostics().error(step.line, modules.error().detail);
}

Result<StageOutcome> run_modules(const Arguments& arguments, StageContext& context) {
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
    "modules", "load kernel modules", kOptions, false, Ending::kNone, false, plan_modules,
    run_modules};

}  // namespace prologue
