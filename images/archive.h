// SPDX-License-Identifier: MIT
// The tree of an image, in memory: entries by path, with the rules that make it bootable and
// reproducible. Paths are kept without a leading slash.
//
// finish() gives the one order in which images are written: directories first, each part sorted by
// byte, so that no entry ever stands before its directory (the kernel drops such an entry
// silently).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "images/problems.h"
#include "init/base/error.h"

namespace prologue::images {

enum class EntryKind : std::uint8_t {
    kFile,
    kDirectory,
    kSymlink,
    kCharacter,
    kBlock,
    kPipe,
    kSocket,
};
std::string_view name_of(EntryKind kind);  // "file", "directory", …
// The type in a mode, as S_IFMT masks it. The numbers are those of every Unix, and of both formats
// that images are written in.
std::uint32_t type_bits(EntryKind kind);

struct Entry {
    std::string path;
    EntryKind kind = EntryKind::kFile;
    std::uint32_t mode = 0644;  // the low twelve bits
    std::uint32_t uid = 0, gid = 0;
    std::uint32_t major = 0, minor = 0;  // of a device node
    std::string content;                 // of a file; a symlink's target
    // Entries with the same number are one file under several names; 0 = only this one. The content
    // stands in one of them.
    std::uint32_t link_group = 0;
    std::string origin;    // the file of the host it came from; empty for what was made here
    bool implied = false;  // a directory nobody named: an explicit one replaces it
};

Entry make_file(std::string path, std::uint32_t mode, std::string content, std::string origin = {});
Entry make_directory_entry(std::string path, std::uint32_t mode = 0755);
Entry make_symlink(std::string path, std::string target);
Entry make_node(std::string path, EntryKind kind, std::uint32_t mode, std::uint32_t major,
                std::uint32_t minor);

// "etc/x" for "/etc//./x"; an empty result is the root itself. ".." is kConfig.
Result<std::string> normalise_path(std::string_view path);

class Archive {
  public:
    // The same path twice is an error unless both say the same, and so is a root that is no directory.
    Result<> add(Entry entry);
    [[nodiscard]] bool contains(std::string_view path) const;
    [[nodiscard]] const Entry* find(std::string_view path) const;
    // Follows symlinks inside the tree, the last component too; "" when it leads nowhere. Missing
    // components are kept as they are when `allow_missing`.
    [[nodiscard]] std::string resolve(std::string_view path, bool allow_missing = false) const;
    std::uint32_t new_link_group() { return ++last_group_; }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

    // Moves entries that stand below a symlink to where it leads, adds missing parents (0755) and
    // checks what is left. No entry changes after it.
    void finish(Problems& problems);
    // In the order of the image. Valid after finish().
    [[nodiscard]] std::vector<const Entry*> in_order() const;
    // The bytes of a file, wherever in its link group they stand.
    [[nodiscard]] const std::string& content_of(const Entry& entry) const;

  private:
    void move_below_symlinks(Problems& problems);
    void add_parents(Problems& problems);

    std::map<std::string, Entry, std::less<>> entries_;
    std::map<std::uint32_t, std::string> group_content_path_;
    std::uint32_t last_group_ = 0;
};

}  // namespace prologue::images
