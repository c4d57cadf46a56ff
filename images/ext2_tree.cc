// SPDX-License-Identifier: MIT
#include "images/ext2_tree.h"

#include "images/ext2_layout.h"
#include "images/host.h"

namespace prologue::images {
namespace {

constexpr std::string_view kLostAndFound = "lost+found";  // e2fsck(8) puts there what has no name
constexpr std::size_t kMostNameBytes = 255;
constexpr std::size_t kNameHeader = 8;

// The type byte of a directory's entry.
char type_of(EntryKind kind) {
    switch (kind) {
        case EntryKind::kFile: return 1;
        case EntryKind::kDirectory: return 2;
        case EntryKind::kCharacter: return 3;
        case EntryKind::kBlock: return 4;
        case EntryKind::kPipe: return 5;
        case EntryKind::kSocket: return 6;
        case EntryKind::kSymlink: return 7;
    }
    return 0;
}

void put(std::string& out, std::size_t at, std::uint32_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i)
        out[at + i] = static_cast<char>(value >> (8 * i) & 0xff);
}

// A directory's blocks. No entry crosses from one block into the next, and the last of a block
// reaches to its end.
class DirectoryBlocks {
  public:
    void add(std::string_view name, std::uint32_t inode, EntryKind kind) {
        const std::size_t length = (kNameHeader + name.size() + 3) / 4 * 4;
        if (bytes_.empty() || at_ + length > bytes_.size()) {
            close_block();
            at_ = bytes_.size();
            bytes_.append(kExt2Block, '\0');
        }
        last_ = at_;
        put(bytes_, at_, inode, 4);
        put(bytes_, at_ + 4, static_cast<std::uint32_t>(length), 2);
        bytes_[at_ + 6] = static_cast<char>(name.size());
        bytes_[at_ + 7] = type_of(kind);
        bytes_.replace(at_ + kNameHeader, name.size(), name);
        at_ += length;
    }
    std::string finish() {
        close_block();
        return std::move(bytes_);
    }

  private:
    void close_block() {
        if (bytes_.empty()) return;
        put(bytes_, last_ + 4, static_cast<std::uint32_t>(bytes_.size() - last_), 2);
    }

    std::string bytes_;
    std::size_t at_ = 0, last_ = 0;
};

}  // namespace

std::size_t Ext2Tree::add_node(EntryKind kind, const Entry* entry) {
    Ext2Node node;
    // The root has a number of the format's own; others follow behind those.
    node.inode = nodes_.empty() ? kExt2RootInode
                                : kExt2FirstInode - 1 + static_cast<std::uint32_t>(nodes_.size());
    node.kind = kind;
    node.entry = entry;
    node.mode = type_bits(kind) | (entry != nullptr ? entry->mode & 07777 : 0755);
    if (entry != nullptr) {
        node.uid = entry->uid;
        node.gid = entry->gid;
    }
    // A directory is named by its parent and by its own "."; add_entry() counts the others.
    node.links = kind == EntryKind::kDirectory ? 2 : 0;
    nodes_.push_back(std::move(node));
    return nodes_.size() - 1;
}

Result<> Ext2Tree::add_name(std::string_view path, const Ext2Node& node) {
    const std::string_view name = base_name(path);
    if (name.size() > kMostNameBytes)
        return fail(Error::refused("write", "/" + std::string(path), "its name is over 255 bytes"));
    // The archive is finished: every parent is there, and came earlier.
    const std::size_t parent = directories_.find(parent_of(path))->second;
    names_[parent].push_back({name, node.inode, node.kind});
    if (node.kind != EntryKind::kDirectory) return {};
    ++nodes_[parent].links;
    parents_[directories_.find(path)->second] = parent;
    return {};
}

Result<> Ext2Tree::add_entry(const Entry& entry) {
    const auto linked = groups_.find(entry.link_group);
    const bool is_new = entry.link_group == 0 || linked == groups_.end();
    const std::size_t index = is_new ? add_node(entry.kind, &entry) : linked->second;
    if (is_new && entry.link_group != 0) groups_[entry.link_group] = index;
    if (entry.kind == EntryKind::kDirectory)
        directories_[entry.path] = index;
    else
        ++nodes_[index].links;
    return add_name(entry.path, nodes_[index]);
}

void Ext2Tree::fill_directories() {
    for (const auto& [path, index] : directories_) {
        DirectoryBlocks blocks;
        const std::size_t parent = index == 0 ? 0 : parents_[index];
        blocks.add(".", nodes_[index].inode, EntryKind::kDirectory);
        blocks.add("..", nodes_[parent].inode, EntryKind::kDirectory);
        for (const Name& name : names_[index]) blocks.add(name.name, name.inode, name.kind);
        nodes_[index].directory = blocks.finish();
    }
}

Result<Ext2Tree> Ext2Tree::of(const Archive& archive) {
    Ext2Tree tree;
    tree.directories_[""] = tree.add_node(EntryKind::kDirectory, nullptr);
    if (!archive.contains(kLostAndFound)) {
        const std::size_t index = tree.add_node(EntryKind::kDirectory, nullptr);
        tree.nodes_[index].mode = type_bits(EntryKind::kDirectory) | 0700;
        tree.directories_[std::string(kLostAndFound)] = index;
        TRY_VOID(tree.add_name(kLostAndFound, tree.nodes_[index]));
    }
    for (const Entry* entry : archive.in_order()) TRY_VOID(tree.add_entry(*entry));
    tree.fill_directories();
    return tree;
}

}  // namespace prologue::images
