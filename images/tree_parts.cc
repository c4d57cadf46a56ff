// SPDX-License-Identifier: MIT
#include "images/tree_parts.h"

#include "images/host.h"
#include "images/image_rules.h"
#include "images/tree_reader.h"

namespace prologue::images {
namespace {

constexpr std::string_view kMountPoints[] = {"dev", "proc", "run", "sys"};

}  // namespace

void add_entry(Archive& archive, Problems& problems, Entry entry) {
    Result<> added = archive.add(std::move(entry));
    if (!added) problems.error(added.error());
}

void add_init(const std::string& file, const std::string& destination, Archive& archive,
              Problems& problems) {
    std::string path = file;
    if (path.empty()) {
        const Result<std::string> folder = executable_directory();
        if (!folder) return problems.error(folder.error());
        path = join_path(*folder, "prologue-init");
        // Installed, it is no command of the host's and lies apart.
        const std::string installed = join_path(*folder, "../libexec/prologue/prologue-init");
        if (!exists(path) && exists(installed)) path = installed;
    }
    Result<struct stat> info = stat_path(path);
    if (!info)
        return problems.error(std::move(info).error().with_hint(
            "this becomes " + destination + "; '--init FILE' names it when it lies elsewhere"));
    if (!S_ISREG(info->st_mode))
        return problems.error(path + " is no file, so it cannot be " + destination);
    if ((info->st_mode & 0111) == 0)
        return problems.error(path + " is not executable, so it cannot be " + destination,
                              "'chmod +x' it");
    Archive alone;
    add_with_libraries(path, destination, alone, problems);
    for (const Entry* entry : alone.in_order()) {
        Entry copy = *entry;
        // Independent of the builder's umask.
        if ("/" + copy.path == destination) copy.mode = 0755;
        add_entry(archive, problems, std::move(copy));
    }
}

void add_mount_points(Archive& archive, Problems& problems) {
    for (const std::string_view directory : kMountPoints)
        if (!archive.contains(directory)) {
            Entry entry = make_directory_entry(std::string(directory));
            entry.implied = true;
            add_entry(archive, problems, std::move(entry));
        }
    if (!archive.contains("dev/console"))
        add_entry(archive, problems, make_node("dev/console", EntryKind::kCharacter, 0600, 5, 1));
    if (!archive.contains("dev/null"))
        add_entry(archive, problems, make_node("dev/null", EntryKind::kCharacter, 0666, 1, 3));
}

std::optional<HostConfig> add_config(const std::string& path, bool locked, Archive& archive,
                                     Problems& problems) {
    if (path.empty()) return {};
    HostPlanOptions options;
    options.locked = locked;
    Result<HostConfig> config = plan_file(path, options);
    if (!config) {
        problems.error(config.error());
        return {};
    }
    problems.add(config->plan.diagnostics);
    add_entry(archive, problems,
              make_file(std::string(kConfigPath), 0600, config->source->text,
                        real_path(path).value_or("")));
    return std::move(*config);
}

void add_extras(const std::vector<std::string>& pairs, Archive& archive, Problems& problems) {
    for (const std::string& pair : pairs) {
        const std::size_t colon = pair.rfind(':');
        const std::string source = pair.substr(0, colon);
        // Without a destination the file keeps its place.
        const std::string destination = colon == std::string::npos ? pair : pair.substr(colon + 1);
        if (!source.empty() && destination.starts_with('/')) {
            add_with_libraries(source, destination, archive, problems);
            continue;
        }
        problems.error("'--add " + pair + "': the destination is no absolute path",
                       "'--add SRC:DEST', for instance '--add ./fsck:/sbin/fsck'");
    }
}

void check_files_of_plan(const HostConfig& config, const Archive& archive, Problems& problems) {
    config::Diagnostics diagnostics;
    check_plan_files(config.plan, archive, diagnostics);
    problems.add(diagnostics);
}

}  // namespace prologue::images
