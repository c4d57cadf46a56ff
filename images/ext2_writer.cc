// SPDX-License-Identifier: MIT
#include "images/ext2_writer.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "images/ext2_tree.h"
#include "images/host.h"
#include "images/uuid.h"

namespace prologue::images {
namespace {

constexpr std::size_t kSuperblock = 1024;  // its offset in the image and its size
constexpr std::size_t kUuidOffset = 104, kHashSeedOffset = 236;
constexpr std::size_t kUuidSize = 16;
constexpr std::size_t kFastLink = 60;  // a shorter target lies in the inode itself
constexpr std::uint32_t kDirectPointers = 12;
constexpr std::uint32_t kPointersInBlock = kExt2Block / 4;

void put(std::string& out, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}
void put16(std::string& out, std::uint64_t value) {
    put(out, value, 2);
}
void put32(std::string& out, std::uint64_t value) {
    put(out, value, 4);
}

class Writer {
  public:
    Writer(const Archive& archive, const Ext2Layout& layout, std::size_t size)
        : archive_(archive),
          layout_(layout),
          bytes_(size, '\0'),
          free_blocks_(layout.groups),
          directories_(layout.groups) {
        for (std::uint32_t group = 0; group < layout.groups; ++group)
            free_blocks_[group] = layout.end_block(group) - layout.first_data(group);
        next_block_ = layout.first_data(0);
    }
    Ext2Image write(const Ext2Tree& tree, std::string_view label);

  private:
    using Pointers = std::array<std::uint32_t, 15>;
    struct Content {
        Pointers pointers{};
        std::uint32_t blocks = 0;
    };

    std::uint32_t take_block();
    void copy(std::uint32_t block, std::string_view data);
    std::uint32_t write_below(std::string_view& rest, unsigned level, std::uint32_t& taken);
    Content write_content(std::string_view data);
    void write_node(const Ext2Node& node);
    void write_inode(const Ext2Node& node, std::size_t size, const Content& content);
    void write_bitmaps(const Ext2Tree& tree);
    void fill_bits(std::uint32_t block, std::uint32_t from, std::uint32_t to);
    [[nodiscard]] std::uint32_t used_inodes(std::uint32_t group, std::uint32_t last) const;
    [[nodiscard]] std::string descriptors(const Ext2Tree& tree) const;
    [[nodiscard]] std::string superblock(std::uint32_t group, const Ext2Tree& tree,
                                         std::string_view label) const;
    [[nodiscard]] std::uint32_t free_blocks() const;

    const Archive& archive_;
    const Ext2Layout& layout_;
    std::string bytes_;
    std::vector<std::uint32_t> free_blocks_, directories_;  // of each group
    std::uint32_t next_block_ = 0, next_group_ = 0;
};

// The caller has counted: there always is one.
std::uint32_t Writer::take_block() {
    while (next_block_ == layout_.end_block(next_group_))
        next_block_ = layout_.first_data(++next_group_);
    --free_blocks_[next_group_];
    return next_block_++;
}

void Writer::copy(std::uint32_t block, std::string_view data) {
    std::copy(data.begin(), data.end(),
              bytes_.begin() + static_cast<std::ptrdiff_t>(std::size_t{block} * kExt2Block));
}

// The next data below one pointer of this level; gives the pointer.
std::uint32_t Writer::write_below(std::string_view& rest, unsigned level, std::uint32_t& taken) {
    const std::uint32_t block = take_block();
    ++taken;
    if (level == 0) {
        copy(block, rest.substr(0, kExt2Block));
        rest.remove_prefix(std::min<std::size_t>(rest.size(), kExt2Block));
        return block;
    }
    std::string pointers;
    for (std::uint32_t i = 0; i < kPointersInBlock && !rest.empty(); ++i)
        put32(pointers, write_below(rest, level - 1, taken));
    copy(block, pointers);
    return block;
}

Writer::Content Writer::write_content(std::string_view data) {
    Content content;
    for (std::uint32_t i = 0; i < content.pointers.size() && !data.empty(); ++i) {
        const unsigned level = i < kDirectPointers ? 0 : i - kDirectPointers + 1;
        content.pointers[i] = write_below(data, level, content.blocks);
    }
    return content;
}

void Writer::write_inode(const Ext2Node& node, std::size_t size, const Content& content) {
    std::string out;
    put16(out, node.mode);
    put16(out, node.uid);
    put32(out, size);
    out.append(16, '\0');  // times of access, change, modification, deletion
    put16(out, node.gid);
    put16(out, node.links);
    put32(out, std::uint64_t{content.blocks} * (kExt2Block / 512));
    out.append(8, '\0');  // flags, version
    for (const std::uint32_t pointer : content.pointers) put32(out, pointer);
    out.append(20, '\0');  // generation, attributes, high size, fragments
    put16(out, node.uid >> 16);
    put16(out, node.gid >> 16);
    out.append(4, '\0');
    put16(out, 32);  // bytes of this inode that are used beyond 128
    const std::uint32_t group = (node.inode - 1) / layout_.inodes_in_group;
    const std::uint32_t index = (node.inode - 1) % layout_.inodes_in_group;
    const std::size_t at =
        std::size_t{layout_.inode_table(group)} * kExt2Block + std::size_t{index} * kExt2InodeSize;
    std::copy(out.begin(), out.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(at));
    if (node.kind == EntryKind::kDirectory) ++directories_[group];
}

void Writer::write_node(const Ext2Node& node) {
    std::string_view data = node.directory;
    if (node.entry != nullptr && node.kind != EntryKind::kDirectory)
        data = archive_.content_of(*node.entry);
    Content content;
    if (node.kind == EntryKind::kCharacter || node.kind == EntryKind::kBlock) {
        // Both forms of a device number: the old one where it is large enough.
        const std::uint32_t major = node.entry->major, minor = node.entry->minor;
        const bool old = major < 256 && minor < 256;
        if (old)
            content.pointers[0] = major << 8 | minor;
        else
            content.pointers[1] = (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12;
        data = {};
    } else if (node.kind == EntryKind::kSymlink && data.size() < kFastLink) {
        for (std::size_t i = 0; i < data.size(); ++i)
            content.pointers[i / 4] |= std::uint32_t{static_cast<unsigned char>(data[i])}
                                       << (8 * (i % 4));
    } else {
        content = write_content(data);
    }
    write_inode(node, data.size(), content);
}

// Bits [from, to) of a bitmap that is all zero.
void Writer::fill_bits(std::uint32_t block, std::uint32_t from, std::uint32_t to) {
    const std::size_t base = std::size_t{block} * kExt2Block;
    for (std::uint32_t bit = from; bit < to; ++bit)
        bytes_[base + bit / 8] = static_cast<char>(bytes_[base + bit / 8] | 1 << (bit % 8));
}

std::uint32_t Writer::used_inodes(std::uint32_t group, std::uint32_t last) const {
    const std::uint32_t before = group * layout_.inodes_in_group;
    return std::min(last > before ? last - before : 0, layout_.inodes_in_group);
}

void Writer::write_bitmaps(const Ext2Tree& tree) {
    for (std::uint32_t group = 0; group < layout_.groups; ++group) {
        const std::uint32_t first = Ext2Layout::first_block(group);
        const std::uint32_t end = layout_.end_block(group);
        // Blocks are taken from the front, so what is free is one piece at the end.
        fill_bits(layout_.block_bitmap(group), 0, end - first - free_blocks_[group]);
        fill_bits(layout_.block_bitmap(group), end - first, kExt2BlocksInGroup);
        fill_bits(layout_.inode_bitmap(group), 0, used_inodes(group, tree.last_inode()));
        fill_bits(layout_.inode_bitmap(group), layout_.inodes_in_group, kExt2BlocksInGroup);
    }
}

std::uint32_t Writer::free_blocks() const {
    std::uint32_t sum = 0;
    for (const std::uint32_t free : free_blocks_) sum += free;
    return sum;
}

std::string Writer::descriptors(const Ext2Tree& tree) const {
    std::string out;
    for (std::uint32_t group = 0; group < layout_.groups; ++group) {
        put32(out, layout_.block_bitmap(group));
        put32(out, layout_.inode_bitmap(group));
        put32(out, layout_.inode_table(group));
        put16(out, free_blocks_[group]);
        put16(out, layout_.inodes_in_group - used_inodes(group, tree.last_inode()));
        put16(out, directories_[group]);
        out.append(14, '\0');
    }
    return out;
}

std::string Writer::superblock(std::uint32_t group, const Ext2Tree& tree,
                               std::string_view label) const {
    std::string out;
    put32(out, layout_.inodes());
    put32(out, layout_.blocks);
    put32(out, 0);  // reserved for root
    put32(out, free_blocks());
    put32(out, layout_.inodes() - tree.last_inode());
    put32(out, 1);  // the first block behind the boot block
    put32(out, 0);  // log2 of the block size in KiB, of the fragment size
    put32(out, 0);
    put32(out, kExt2BlocksInGroup);
    put32(out, kExt2BlocksInGroup);  // fragments
    put32(out, layout_.inodes_in_group);
    put32(out, 0);  // times of mount, of writing
    put32(out, 0);
    put16(out, 0);       // mounts since the last check
    put16(out, 0xffff);  // never check because of their number
    put16(out, 0xef53);  // the magic
    put16(out, 1);       // clean
    put16(out, 1);       // errors: carry on
    put16(out, 0);       // minor revision
    put32(out, 0);       // time of the last check, and the interval: none
    put32(out, 0);
    put32(out, 0);  // made by Linux
    put32(out, 1);  // revision with features
    put32(out, 0);  // user and group of the reserved blocks
    put32(out, kExt2FirstInode);
    put16(out, kExt2InodeSize);
    put16(out, group);
    put32(out, 0);  // compatible features: none
    put32(out, 2);  // incompatible: entries of directories have a type
    put32(out, 1);  // read-only compatible: not every group has a superblock
    out.append(kUuidSize, '\0');
    out.append(label.substr(0, 16));
    out.resize(252, '\0');
    put(out, 1, 1);  // the hash of directories, should they get an index: half MD4
    out.resize(348, '\0');
    put16(out, 32);  // bytes that inodes shall use beyond 128: at least, and if possible
    put16(out, 32);
    put32(out, 1);  // the hash takes letters as signed
    out.resize(kSuperblock, '\0');
    return out;
}

Ext2Image Writer::write(const Ext2Tree& tree, std::string_view label) {
    for (const Ext2Node& node : tree.nodes()) write_node(node);
    write_bitmaps(tree);
    const std::string groups = descriptors(tree);
    for (std::uint32_t group = 0; group < layout_.groups; ++group) {
        if (!Ext2Layout::has_copy(group)) continue;
        copy(Ext2Layout::first_block(group), superblock(group, tree, label));
        copy(Ext2Layout::first_block(group) + 1, groups);
    }
    const std::string uuid = uuid_of_content(bytes_);
    for (std::uint32_t group = 0; group < layout_.groups; ++group) {
        if (!Ext2Layout::has_copy(group)) continue;
        const std::size_t at = std::size_t{Ext2Layout::first_block(group)} * kExt2Block;
        bytes_.replace(at + kUuidOffset, kUuidSize, uuid);
        bytes_.replace(at + kHashSeedOffset, kUuidSize, uuid);
    }
    return {std::move(bytes_), std::uint64_t{free_blocks()} * kExt2Block};
}

std::string in_kib(std::uint64_t blocks) {
    return std::to_string(blocks) + " KiB";
}

std::uint64_t blocks_of(const Ext2Node& node, const Archive& archive) {
    if (node.entry == nullptr || node.kind == EntryKind::kDirectory)
        return ext2_blocks_of(node.directory.size());
    const std::size_t size = archive.content_of(*node.entry).size();
    return node.kind == EntryKind::kSymlink && size < kFastLink ? 0 : ext2_blocks_of(size);
}

Error too_small(std::uint64_t needed, const Ext2Layout& layout, std::uint64_t size,
                std::uint32_t files) {
    Error error =
        Error::refused("write", "ext2",
                       "the files take " + in_kib(needed) + ", and an image of " +
                           in_kib(size / kExt2Block) + " has room for " + in_kib(layout.room()));
    constexpr std::uint64_t kMiB = std::uint64_t{1024} * 1024;
    for (std::uint64_t larger = (size / kMiB + 1) * kMiB; larger <= kExt2MostBytes;
         larger += kMiB) {
        const Result<Ext2Layout> enough = plan_ext2(larger, files);
        if (!enough || enough->room() < needed) continue;
        error->hint = "'--size " + std::to_string(larger / kMiB) + "MiB' is enough";
        break;
    }
    return error;
}

}  // namespace

Result<Ext2Image> write_ext2(const Archive& archive, std::uint64_t size, std::string_view label) {
    const Ext2Tree tree = TRY(Ext2Tree::of(archive));
    const Ext2Layout layout = TRY(plan_ext2(size, tree.files()));
    std::uint64_t needed = 0;
    for (const Ext2Node& node : tree.nodes()) needed += blocks_of(node, archive);
    if (needed > layout.room()) return fail(too_small(needed, layout, size, tree.files()));
    return Writer(archive, layout, size).write(tree, label);
}

}  // namespace prologue::images
