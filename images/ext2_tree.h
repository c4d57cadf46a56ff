// SPDX-License-Identifier: MIT
// The inodes of an ext2 filesystem from the tree of an image: numbers, links, and the contents of
// directories. Nothing in it depends on the size of the filesystem.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "images/archive.h"
#include "init/base/error.h"

namespace prologue::images {

struct Ext2Node {
    std::uint32_t inode = 0;
    EntryKind kind = EntryKind::kDirectory;
    std::uint32_t mode = 0;  // with the type, as in st_mode
    std::uint32_t uid = 0, gid = 0;
    std::uint32_t links = 0;
    const Entry* entry = nullptr;  // null for the root and for a /lost+found that was added
    std::string directory;         // a directory's content: whole blocks
};

class Ext2Tree {
  public:
    // `archive` is finished and outlives the tree. kRefused for a name over 255 bytes.
    static Result<Ext2Tree> of(const Archive& archive);
    // The root first, then in the order of their inodes.
    [[nodiscard]] const std::vector<Ext2Node>& nodes() const { return nodes_; }
    [[nodiscard]] std::uint32_t last_inode() const { return nodes_.back().inode; }
    // Inodes that it needs beyond those of the format.
    [[nodiscard]] std::uint32_t files() const {
        return static_cast<std::uint32_t>(nodes_.size()) - 1;
    }

  private:
    struct Name {
        std::string_view name;
        std::uint32_t inode = 0;
        EntryKind kind = EntryKind::kFile;
    };
    using Names = std::vector<Name>;

    std::size_t add_node(EntryKind kind, const Entry* entry);
    Result<> add_entry(const Entry& entry);
    Result<> add_name(std::string_view path, const Ext2Node& node);
    void fill_directories();

    std::vector<Ext2Node> nodes_;
    std::map<std::string, std::size_t, std::less<>> directories_;  // by path, to the node
    std::map<std::uint32_t, std::size_t> groups_;                  // of hard links, to the node
    std::map<std::size_t, Names> names_;                           // by the directory's node
    std::map<std::size_t, std::size_t> parents_;                   // of directories
};

}  // namespace prologue::images
