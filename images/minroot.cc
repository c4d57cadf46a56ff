// SPDX-License-Identifier: MIT
#include "images/minroot.h"

#include <algorithm>
#include <optional>

#include "images/image_rules.h"
#include "images/plan_modules.h"
#include "images/tree_parts.h"
#include "images/tree_reader.h"

namespace prologue::images {
namespace {

void add_skeleton(Archive& archive, Problems& problems) {
    add_mount_points(archive, problems);
    Entry directory = make_directory_entry("etc");
    directory.implied = true;
    add_entry(archive, problems, std::move(directory));
}

bool has_modules(const Archive& archive) {
    const std::vector<const Entry*> entries = archive.in_order();
    return std::any_of(entries.begin(), entries.end(), [](const Entry* entry) {
        return entry->path.starts_with("lib/modules/") ||
               entry->path.starts_with("usr/lib/modules/");
    });
}

// What such a root cannot do. Its modules are the user's own affair: most roots of this size are
// booted by a kernel that has all it needs built in.
void check_plan(const HostConfig& config, const Archive& archive, Problems& problems) {
    config::Diagnostics diagnostics;
    for (const Step& step : config.plan.steps)
        if (step.type->ending == Ending::kSwitchRoot)
            diagnostics.error(step.line, "this is the real root: there is none to switch to",
                              "'prologue initramfs' builds what goes before a root");
    if (!has_modules(archive))
        for (const ModuleWish& wish : module_wishes(config.plan))
            if (!wish.filesystem && wish.where.source != nullptr)
                diagnostics.warning(wish.where, "the image has no modules at all",
                                    "'--add DIR:/lib/modules/VERSION' brings those of a kernel");
    problems.add(diagnostics);
}

}  // namespace

Archive build_minroot(const MinrootRequest& request, Problems& problems) {
    Archive archive;
    const std::string init = "/" + std::string(kRootInitPath);
    add_init(request.init, init, archive, problems);
    add_skeleton(archive, problems);
    const std::optional<HostConfig> config = add_config(request.config, false, archive, problems);
    add_extras(request.added, archive, problems);
    // The kernel asks for modules through this path (CONFIG_MODPROBE_PATH).
    if (has_modules(archive) && !archive.contains("sbin/modprobe"))
        add_entry(archive, problems, make_symlink("sbin/modprobe", "init"));
    archive.finish(problems);
    check_init(archive, problems, kRootInitPath);
    check_symlinks(archive, problems);
    if (config) {
        check_plan(*config, archive, problems);
        check_files_of_plan(*config, archive, problems);
    }
    return archive;
}

}  // namespace prologue::images
