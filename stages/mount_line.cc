// SPDX-License-Identifier: MIT
#include "stages/mount_line.h"

#include "init/base/compose.h"
#include "init/base/path.h"
#include "init/base/split.h"
#include "stages/fstab.h"
#include "stages/stages.h"

namespace prologue::mount_line {
namespace {

// A path or host:/path that stands where a device must: only an option can make sense of it.
void check_source(const config::Word& what, config::Diagnostics& diagnostics) {
    const std::string text = what.text();
    if (!what.is_literal() || looks_like_device_spec(text)) return;
    if (text.starts_with('/') && !path_is_below(text, "/dev")) {
        diagnostics.error(what.span, config::quoted(text) + " is no device",
                          "devices lie below /dev; options=bind mounts a directory");
    } else if (text.find(":/") != std::string::npos) {
        diagnostics.error(what.span,
                          compose("what lies at {} has no type here", config::quoted(text)),
                          "say it, such as type=nfs4");
    }
}

// A mistyped flag would go to the filesystem, which refuses the mount without saying why.
void check_flags(const config::Word& options, config::Diagnostics& diagnostics) {
    if (!options.is_literal()) return;
    const std::string text = options.text();
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view word = take_part(rest, ',');
        const Literal reader = reader_of_fstab_word(word);
        if (!reader.view().empty()) {
            diagnostics.warning(
                options.span,
                compose("{} is for {}, and nothing here reads it", config::quoted(word),
                        reader.str()),
                word == "nofail" ? "'on-failure=continue' lets the boot go on" : "");
            continue;
        }
        const std::string_view meant = mount_flag_near(word);
        if (!meant.empty())
            diagnostics.warning(options.span,
                                config::quoted(word) + " is no mount option that is known here",
                                compose("did you mean '{}'?", std::string(meant)));
    }
}

// Of a list the boot takes the one that is found on the device.
void check_types(const config::Word& types, config::Diagnostics& diagnostics) {
    const std::string text = types.text();
    if (!types.is_literal() || text.find(',') == std::string::npos) return;
    const std::string ended = text + ",";
    std::string_view rest = ended;
    while (!rest.empty()) {
        const std::string_view type = take_part(rest, ',');
        const bool is_other = is_deviceless_type(type) || takes_verbatim_source(type);
        if (!type.empty() && !is_other) continue;
        diagnostics.warning(types.span,
                            type.empty() ? "an empty type in " + config::quoted(text)
                                         : compose("{} lies on no device", config::quoted(type)),
                            "a list is of what may be found on one device");
        return;
    }
}

// Whether anything is mounted is the root's own affair, so no later line can count on it.
void check_fstab_line(const Step& step, config::Diagnostics& diagnostics) {
    for (const std::size_t index : {kType, kMountOptions, kCrypttab}) {
        const config::Word* word = step.find(index);
        if (word == nullptr) continue;
        diagnostics.error(word->span,
                          compose("'{}' does not go with 'fstab'", kMountTable[index].name.str()),
                          "the root's /etc/fstab says it");
    }
    if (step.find(kTarget) == nullptr) {
        diagnostics.error(step.line, "'mount fstab' needs a directory of the new root",
                          "for instance /newroot/usr");
    }
}

}  // namespace

bool is_bind(std::string_view options) {
    return has_mount_option(options, "bind") || has_mount_option(options, "rbind");
}

void plan_mount(const Step& step, PlanContext& context) {
    const config::Word* what = step.find(kSource);
    const config::Word* target = step.find(kTarget);
    const config::Word* options = step.find(kMountOptions);
    if (options != nullptr) check_flags(*options, context.diagnostics());
    if (what == nullptr) return;
    if (what->is_literal() && what->text() == kFstabSource.view()) {
        check_fstab_line(step, context.diagnostics());
        return;
    }
    if (target == nullptr) {
        if (options == nullptr || !has_mount_option(options->text(), "remount")) {
            context.diagnostics().error(step.line, "'mount' needs WHAT and DIR",
                                        "only options=remount,… goes with a directory alone");
        }
        return;
    }
    if (target->is_literal()) context.note_mount(target->text());
    const config::Word* type = step.find(kType);
    const std::string type_text = type != nullptr && type->is_literal() ? type->text() : "";
    const bool verbatim = is_deviceless_type(what->text()) || takes_verbatim_source(type_text) ||
                          is_deviceless_type(type_text) ||
                          (options != nullptr && is_bind(options->text()));
    if (verbatim) return;
    if (type != nullptr) check_types(*type, context.diagnostics());
    const bool all_said = options == nullptr || options->is_literal();
    if (all_said && !takes_any_source(step)) check_source(*what, context.diagnostics());
    context.note_device_wait(step.line);
}

}  // namespace prologue::mount_line
