// SPDX-License-Identifier: MIT
#include "images/archive.h"

#include <climits>
#include <utility>

#include "images/host.h"

namespace prologue::images {
namespace {

constexpr int kMaxSymlinks = 40;  // as the kernel's path lookup

// Two entries that put the same thing at the same place. A group of hard links stays one group.
bool same_thing(const Entry& a, const Entry& b) {
    return a.kind == b.kind && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid &&
           a.major == b.major && a.minor == b.minor && a.content == b.content &&
           a.link_group == b.link_group;
}

std::string next_component(std::string& rest) {
    std::size_t start = 0;
    while (start < rest.size() && rest[start] == '/') ++start;
    std::size_t end = rest.find('/', start);
    if (end == std::string::npos) end = rest.size();
    std::string part = rest.substr(start, end - start);
    rest.erase(0, end);
    return part;
}

}  // namespace

std::string_view name_of(EntryKind kind) {
    switch (kind) {
        case EntryKind::kFile: return "file";
        case EntryKind::kDirectory: return "directory";
        case EntryKind::kSymlink: return "symlink";
        case EntryKind::kCharacter: return "character device";
        case EntryKind::kBlock: return "block device";
        case EntryKind::kPipe: return "pipe";
        case EntryKind::kSocket: return "socket";
    }
    return "entry";
}

std::uint32_t type_bits(EntryKind kind) {
    switch (kind) {
        case EntryKind::kFile: return 0100000;
        case EntryKind::kDirectory: return 0040000;
        case EntryKind::kSymlink: return 0120000;
        case EntryKind::kCharacter: return 0020000;
        case EntryKind::kBlock: return 0060000;
        case EntryKind::kPipe: return 0010000;
        case EntryKind::kSocket: return 0140000;
    }
    return 0;
}

Entry make_file(std::string path, std::uint32_t mode, std::string content, std::string origin) {
    Entry entry;
    entry.path = std::move(path);
    entry.mode = mode;
    entry.content = std::move(content);
    entry.origin = std::move(origin);
    return entry;
}

Entry make_directory_entry(std::string path, std::uint32_t mode) {
    Entry entry;
    entry.path = std::move(path);
    entry.kind = EntryKind::kDirectory;
    entry.mode = mode;
    return entry;
}

Entry make_symlink(std::string path, std::string target) {
    Entry entry;
    entry.path = std::move(path);
    entry.kind = EntryKind::kSymlink;
    entry.mode = 0777;
    entry.content = std::move(target);
    return entry;
}

Entry make_node(std::string path, EntryKind kind, std::uint32_t mode, std::uint32_t major,
                std::uint32_t minor) {
    Entry entry;
    entry.path = std::move(path);
    entry.kind = kind;
    entry.mode = mode;
    entry.major = major;
    entry.minor = minor;
    return entry;
}

Result<std::string> normalise_path(std::string_view path) {
    std::string rest(path);
    std::string clean;
    while (!rest.empty()) {
        const std::string part = next_component(rest);
        if (part.empty() || part == ".") continue;
        if (part == "..")
            return fail(Error::config("'" + std::string(path) + "' has a '..' component"));
        clean = join_path(clean, part);
    }
    if (clean.size() >= PATH_MAX)
        return fail(
            Error::config("'" + clean.substr(0, 40) + "…' is longer than the kernel takes"));
    if (clean.find('\0') != std::string::npos) return fail(Error::config("a path with a NUL byte"));
    return clean;
}

Result<> Archive::add(Entry entry) {
    entry.path = TRY(normalise_path(entry.path));
    if (entry.path.empty()) {
        if (entry.kind == EntryKind::kDirectory) return {};  // the root is there already
        return fail(Error::refused("add", "/", "the root of an image is a directory"));
    }
    if (entry.link_group > last_group_) last_group_ = entry.link_group;
    if (entry.link_group != 0 && !entry.content.empty())
        group_content_path_.try_emplace(entry.link_group, entry.path);
    const auto found = entries_.find(entry.path);
    if (found == entries_.end()) {
        std::string path = entry.path;
        entries_.emplace(std::move(path), std::move(entry));
        return {};
    }
    Entry& old = found->second;
    const bool both_directories =
        old.kind == EntryKind::kDirectory && entry.kind == EntryKind::kDirectory;
    if (same_thing(old, entry) || (both_directories && entry.implied)) return {};
    if (both_directories && old.implied) {
        old = std::move(entry);
        return {};
    }
    std::string why = "two different entries have this path: a " + std::string(name_of(old.kind));
    if (!old.origin.empty()) why += " from " + old.origin;
    why += ", and a " + std::string(name_of(entry.kind));
    if (!entry.origin.empty()) why += " from " + entry.origin;
    return fail(Error::refused("add", "/" + entry.path, std::move(why)));
}

bool Archive::contains(std::string_view path) const {
    return find(path) != nullptr;
}

const Entry* Archive::find(std::string_view path) const {
    while (path.starts_with('/')) path.remove_prefix(1);
    const auto found = entries_.find(path);
    return found == entries_.end() ? nullptr : &found->second;
}

std::string Archive::resolve(std::string_view path, bool allow_missing) const {
    std::string rest(path);
    std::string done;
    int links = 0;
    while (!rest.empty()) {
        const std::string part = next_component(rest);
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            done = std::string(parent_of(done));
            continue;
        }
        const std::string here = join_path(done, part);
        const Entry* entry = find(here);
        if (entry == nullptr && !allow_missing) return {};
        if (entry == nullptr || entry->kind != EntryKind::kSymlink) {
            done = here;
            continue;
        }
        if (++links > kMaxSymlinks) return {};
        if (entry->content.starts_with('/')) done.clear();
        rest = entry->content + "/" + rest;
    }
    return done;
}

void Archive::move_below_symlinks(Problems& problems) {
    std::vector<std::pair<std::string, std::string>> moves;
    for (const auto& [path, entry] : entries_) {
        const std::string_view parent = parent_of(path);
        if (parent.empty()) continue;
        const std::string real = resolve(parent, true);
        if (real == parent) continue;
        if (real.empty() && resolve(parent).empty())
            problems.error("/" + path + ": its directory is a symlink that leads nowhere");
        moves.emplace_back(path, join_path(real, base_name(path)));
    }
    for (const auto& [from, to] : moves) {
        auto node = entries_.extract(from);
        Entry entry = std::move(node.mapped());
        entry.path = to;
        if (entry.link_group != 0 && group_content_path_[entry.link_group] == from)
            group_content_path_[entry.link_group] = to;
        Result<> added = add(std::move(entry));
        if (!added) problems.error(added.error());
    }
}

void Archive::add_parents(Problems& problems) {
    std::vector<std::string> paths;
    paths.reserve(entries_.size());
    for (const auto& [path, entry] : entries_) paths.push_back(path);
    for (const std::string& path : paths) {
        for (std::string_view parent = parent_of(path); !parent.empty();
             parent = parent_of(parent)) {
            const Entry* entry = find(parent);
            if (entry != nullptr && entry->kind == EntryKind::kDirectory) break;
            if (entry != nullptr) {
                problems.error("/" + path + ": /" + std::string(parent) + " is a " +
                               std::string(name_of(entry->kind)) + ", not a directory");
                break;
            }
            Entry directory = make_directory_entry(std::string(parent));
            directory.implied = true;
            (void)add(std::move(directory));  // the path is free: find() has just said so
        }
    }
}

void Archive::finish(Problems& problems) {
    move_below_symlinks(problems);
    add_parents(problems);
}

std::vector<const Entry*> Archive::in_order() const {
    std::vector<const Entry*> order;
    order.reserve(entries_.size());
    for (const auto& [path, entry] : entries_)
        if (entry.kind == EntryKind::kDirectory) order.push_back(&entry);
    for (const auto& [path, entry] : entries_)
        if (entry.kind != EntryKind::kDirectory) order.push_back(&entry);
    return order;
}

const std::string& Archive::content_of(const Entry& entry) const {
    const auto group = group_content_path_.find(entry.link_group);
    if (entry.link_group == 0 || group == group_content_path_.end()) return entry.content;
    const Entry* holder = find(group->second);
    return holder != nullptr ? holder->content : entry.content;
}

}  // namespace prologue::images
