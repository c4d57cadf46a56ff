// SPDX-License-Identifier: MIT
#include "images/tree_reader.h"

#include <map>
#include <utility>

#include <sys/sysmacros.h>

#include "images/host.h"
#include "images/libraries.h"

namespace prologue::images {
namespace {

constexpr std::string_view kMountedLater[] = {"/dev", "/proc", "/run", "/sys"};

struct Walk {
    Archive& archive;
    Problems& problems;
    // Names of one file: (device, inode) and the group they get.
    std::map<std::pair<dev_t, ino_t>, std::uint32_t> links;
};

void add(Walk& walk, Entry entry) {
    Result<> added = walk.archive.add(std::move(entry));
    if (!added) walk.problems.error(added.error());
}

EntryKind kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return EntryKind::kDirectory;
    if (S_ISLNK(mode)) return EntryKind::kSymlink;
    if (S_ISCHR(mode)) return EntryKind::kCharacter;
    if (S_ISBLK(mode)) return EntryKind::kBlock;
    if (S_ISFIFO(mode)) return EntryKind::kPipe;
    if (S_ISSOCK(mode)) return EntryKind::kSocket;
    return EntryKind::kFile;
}

// Gives the entry its link group; false when the content is in the archive already.
bool join_group(Walk& walk, const struct stat& info, Entry& entry) {
    if (info.st_nlink < 2) return true;
    const auto [place, is_new] = walk.links.try_emplace({info.st_dev, info.st_ino}, 0);
    if (is_new) place->second = walk.archive.new_link_group();
    entry.link_group = place->second;
    return is_new;
}

void add_path(Walk& walk, const std::string& path, const std::string& destination,
              const struct stat& info) {
    Entry entry;
    entry.path = destination;
    entry.kind = kind_of(info.st_mode);
    entry.mode = info.st_mode & 07777;
    entry.major = major(info.st_rdev);
    entry.minor = minor(info.st_rdev);
    if (entry.kind == EntryKind::kFile) {
        entry.origin = path;
        if (join_group(walk, info, entry)) {
            Result<std::string> content = read_file(path);
            if (!content) return walk.problems.error(content.error());
            entry.content = std::move(*content);
        }
    }
    if (entry.kind == EntryKind::kSymlink) {
        Result<std::string> target = read_link(path);
        if (!target) return walk.problems.error(target.error());
        entry.content = std::move(*target);
    }
    if (entry.kind != EntryKind::kCharacter && entry.kind != EntryKind::kBlock)
        entry.major = entry.minor = 0;
    add(walk, std::move(entry));
}

void walk_directory(Walk& walk, const std::string& directory, const std::string& destination) {
    Result<std::vector<std::string>> names = list_directory(directory);
    if (!names) return walk.problems.error(names.error());
    for (const std::string& name : *names) {
        const std::string path = join_path(directory, name);
        const std::string inside = join_path(destination, name);
        Result<struct stat> info = lstat_path(path);
        if (!info) {
            walk.problems.error(info.error());
            continue;
        }
        add_path(walk, path, inside, *info);
        if (S_ISDIR(info->st_mode)) walk_directory(walk, path, inside);
    }
}

bool is_mounted_later(std::string_view target) {
    for (const std::string_view directory : kMountedLater)
        if (target == directory ||
            (target.starts_with(directory) && target[directory.size()] == '/'))
            return true;
    return false;
}

}  // namespace

void add_tree(const std::string& directory, const std::string& destination, Archive& archive,
              Problems& problems) {
    Walk walk{archive, problems, {}};
    walk_directory(walk, directory, destination);
}

void add_with_libraries(const std::string& source, const std::string& destination, Archive& archive,
                        Problems& problems) {
    Result<struct stat> info = stat_path(source);
    if (!info) return problems.error(std::move(info).error().with_hint("'--add' takes SRC:DEST"));
    Result<std::string> inside = normalise_path(destination);
    if (!inside) return problems.error(inside.error());
    Result<std::string> absolute = real_path(source);
    if (!absolute) return problems.error(absolute.error());
    Archive added;
    if (S_ISDIR(info->st_mode)) {
        Entry top = make_directory_entry(*inside, info->st_mode & 07777);
        (void)added.add(std::move(top));  // the first entry has no rival
        add_tree(*absolute, *inside, added, problems);
    } else {
        std::string path = *inside;
        // "/bin/" means: under its own name in there.
        if (destination.ends_with('/') || path.empty()) path = join_path(path, base_name(source));
        Walk walk{added, problems, {}};
        struct stat alone = *info;
        alone.st_nlink = 1;  // its other names are no matter of this image
        add_path(walk, *absolute, path, alone);
    }
    const std::vector<const Entry*> entries = added.in_order();
    const std::uint32_t first_group = archive.new_link_group();
    for (const Entry* entry : entries) {
        Entry copy = *entry;
        if (copy.link_group != 0) copy.link_group += first_group;
        Result<> done = archive.add(std::move(copy));
        if (!done) problems.error(done.error());
    }
    for (const Entry* entry : entries)
        if (entry->kind == EntryKind::kFile)
            add_libraries(entry->origin, entry->path, added.content_of(*entry), archive, problems);
}

void check_symlinks(const Archive& archive, Problems& problems) {
    for (const Entry* entry : archive.in_order()) {
        if (entry->kind != EntryKind::kSymlink || is_mounted_later(entry->content)) continue;
        if (!archive.resolve(entry->path).empty() || entry->content == "/") continue;
        // The first component may be mounted later, whatever the link's own form.
        const std::string lexical = "/" + archive.resolve(entry->path, true);
        if (is_mounted_later(lexical)) continue;
        const std::string line = "/" + entry->path + " -> " + entry->content;
        if (entry->content.starts_with('/')) {
            problems.error(
                "symlink " + line + " leaves the tree: the image has no " + entry->content,
                "add its target, or make the link relative to one that is in the image");
        } else {
            problems.warning("symlink " + line + " leads to nothing in the image");
        }
    }
}

}  // namespace prologue::images
