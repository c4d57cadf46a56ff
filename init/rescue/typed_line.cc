// SPDX-License-Identifier: MIT
#include "init/rescue/typed_line.h"

namespace prologue::rescue {

Plan plan_typed_line(const config::Source& line, const TypedContext& context) {
    TypedLine typed;
    typed.settings = &context.settings;
    typed.facts = &context.values.facts;
    PlanInput input;
    input.config = &line;
    input.command_line = &context.values.command_line;
    input.board = context.board;
    input.on_target = true;
    input.typed = &typed;
    return make_plan(input);
}

std::string render_all(const config::Diagnostics& diagnostics) {
    std::string text;
    for (const config::Diagnostic& diagnostic : diagnostics.sorted()) {
        text += config::render(diagnostic);
    }
    return text;
}

}  // namespace prologue::rescue
