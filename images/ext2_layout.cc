// SPDX-License-Identifier: MIT
#include "images/ext2_layout.h"

#include <algorithm>

namespace prologue::images {
namespace {

constexpr std::uint32_t kDescriptorSize = 32;
constexpr std::uint32_t kDirectPointers = 12;
constexpr std::uint32_t kPointersInBlock = kExt2Block / 4;
// An inode for so many blocks, as for a root of small files.
constexpr std::uint32_t kBlocksForInode = 16;
constexpr std::uint32_t kSpareInodes = 16;
// A last group that has less room than this is not worth its tables.
constexpr std::uint32_t kLeastRoomOfGroup = 16;

constexpr std::uint32_t divide_up(std::uint32_t value, std::uint32_t by) {
    return (value + by - 1) / by;
}

bool is_power_of(std::uint32_t value, std::uint32_t base) {
    while (value > 1 && value % base == 0) value /= base;
    return value == 1;
}

// What one pointer of this level holds (0: data), taken off `left`; counts the pointing blocks too.
std::uint64_t blocks_below(std::uint64_t& left, unsigned level) {
    if (level == 0) {
        --left;
        return 1;
    }
    std::uint64_t blocks = 1;
    for (std::uint32_t i = 0; i < kPointersInBlock && left > 0; ++i)
        blocks += blocks_below(left, level - 1);
    return blocks;
}

}  // namespace

bool Ext2Layout::has_copy(std::uint32_t group) {
    return group == 0 || is_power_of(group, 3) || is_power_of(group, 5) || is_power_of(group, 7);
}

std::uint32_t Ext2Layout::descriptor_blocks() const {
    return divide_up(groups * kDescriptorSize, kExt2Block);
}

std::uint32_t Ext2Layout::table_blocks() const {
    return inodes_in_group * kExt2InodeSize / kExt2Block;
}

std::uint32_t Ext2Layout::first_block(std::uint32_t group) {
    return 1 + group * kExt2BlocksInGroup;
}

std::uint32_t Ext2Layout::block_bitmap(std::uint32_t group) const {
    return first_block(group) + (has_copy(group) ? 1 + descriptor_blocks() : 0);
}

std::uint32_t Ext2Layout::inode_bitmap(std::uint32_t group) const {
    return block_bitmap(group) + 1;
}

std::uint32_t Ext2Layout::inode_table(std::uint32_t group) const {
    return block_bitmap(group) + 2;
}

std::uint32_t Ext2Layout::first_data(std::uint32_t group) const {
    return inode_table(group) + table_blocks();
}

std::uint32_t Ext2Layout::end_block(std::uint32_t group) const {
    return std::min(first_block(group + 1), blocks);
}

std::uint32_t Ext2Layout::room() const {
    std::uint32_t room = 0;
    for (std::uint32_t group = 0; group < groups; ++group)
        room += end_block(group) - std::min(first_data(group), end_block(group));
    return room;
}

bool looks_like_ext2(std::string_view data) {
    constexpr std::size_t kMagicOffset = 1024 + 56;
    return data.size() > kMagicOffset && data.substr(kMagicOffset).starts_with("\x53\xef");
}

Result<Ext2Layout> plan_ext2(std::uint64_t bytes, std::uint32_t files) {
    if (bytes % kExt2Block != 0)
        return fail(Error::config("the size of an image is a multiple of 1KiB"));
    if (bytes > kExt2MostBytes) return fail(Error::config("an image has at most 1GiB"));
    Ext2Layout layout;
    layout.blocks = static_cast<std::uint32_t>(bytes / kExt2Block);
    layout.groups = divide_up(std::max(layout.blocks, 2U) - 1, kExt2BlocksInGroup);
    const std::uint32_t inodes =
        std::max(kExt2FirstInode - 1 + files + kSpareInodes, layout.blocks / kBlocksForInode);
    // Full bytes of the bitmap, and full blocks of the table.
    layout.inodes_in_group = divide_up(divide_up(inodes, layout.groups), 8) * 8;
    if (layout.inodes_in_group > kExt2BlocksInGroup)
        return fail(Error::config("too many files for an image of this size"));
    const std::uint32_t last = layout.groups - 1;
    if (layout.first_data(last) + kLeastRoomOfGroup > layout.blocks) {
        if (last == 0) return fail(Error::config("an image of this size has no room for files"));
        layout.blocks = Ext2Layout::first_block(last);
        layout.groups = last;
        if (layout.inodes() < kExt2FirstInode - 1 + files)
            return fail(Error::config("too many files for an image of this size"));
    }
    return layout;
}

std::uint64_t ext2_blocks_of(std::uint64_t bytes) {
    std::uint64_t left = (bytes + kExt2Block - 1) / kExt2Block;
    std::uint64_t blocks = std::min<std::uint64_t>(left, kDirectPointers);
    left -= blocks;
    for (unsigned level = 1; left > 0; ++level) blocks += blocks_below(left, level);
    return blocks;
}

}  // namespace prologue::images
