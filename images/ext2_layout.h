// SPDX-License-Identifier: MIT
// Where things lie in an ext2 filesystem of a given size: pure arithmetic, from which the writer
// writes and the reader checks. Blocks of 1 KiB, since a small root loses half a block with every
// file; inodes of 256 bytes, since ext4 cannot keep times beyond 2038 in smaller ones and says so at
// each mount. Source: Linux, Documentation/filesystems/ext4/ (the parts that ext2 has).
#pragma once

#include <cstdint>
#include <string_view>

#include "init/base/error.h"

namespace prologue::images {

inline constexpr std::uint32_t kExt2Block = 1024;                    // bytes
inline constexpr std::uint32_t kExt2InodeSize = 256;                 // bytes
inline constexpr std::uint32_t kExt2BlocksInGroup = kExt2Block * 8;  // bits of one bitmap block
inline constexpr std::uint32_t kExt2RootInode = 2;
inline constexpr std::uint32_t kExt2FirstInode = 11;  // those before it are the format's own
inline constexpr std::uint64_t kExt2MostBytes = std::uint64_t{1024} * 1024 * 1024;

struct Ext2Layout {
    std::uint32_t blocks = 0;  // of the filesystem, the boot block included
    std::uint32_t groups = 0;
    std::uint32_t inodes_in_group = 0;

    [[nodiscard]] std::uint32_t inodes() const { return groups * inodes_in_group; }
    // Superblocks and descriptors are repeated in group 0 and in those whose number is a power of
    // 3, 5 or 7 (sparse_super); this group has a copy.
    [[nodiscard]] static bool has_copy(std::uint32_t group);
    // Blocks of the table of group descriptors, and of one group's inode table.
    [[nodiscard]] std::uint32_t descriptor_blocks() const;
    [[nodiscard]] std::uint32_t table_blocks() const;
    // Numbers of blocks: the group's first one, its two bitmaps, its inode table and its data.
    [[nodiscard]] static std::uint32_t first_block(std::uint32_t group);
    [[nodiscard]] std::uint32_t block_bitmap(std::uint32_t group) const;
    [[nodiscard]] std::uint32_t inode_bitmap(std::uint32_t group) const;
    [[nodiscard]] std::uint32_t inode_table(std::uint32_t group) const;
    [[nodiscard]] std::uint32_t first_data(std::uint32_t group) const;
    // One past the group's last block.
    [[nodiscard]] std::uint32_t end_block(std::uint32_t group) const;
    // Blocks that files and directories may take, in all groups.
    [[nodiscard]] std::uint32_t room() const;
};

// True for what has the magic of ext2, ext3 and ext4 in its place.
bool looks_like_ext2(std::string_view data);

// A layout for `bytes` with inodes for `files` and some more. kConfig, with what would be right in
// its detail, for a size that is no multiple of 1 KiB, too large, or without room for anything.
Result<Ext2Layout> plan_ext2(std::uint64_t bytes, std::uint32_t files);

// Blocks that a file of so many bytes takes, those that only point to others included.
std::uint64_t ext2_blocks_of(std::uint64_t bytes);

}  // namespace prologue::images
