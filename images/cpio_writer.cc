// SPDX-License-Identifier: MIT
#include "images/cpio_writer.h"

#include <array>
#include <map>

namespace prologue::images {
namespace {

constexpr std::string_view kMagic = "070701";
constexpr std::string_view kTrailer = "TRAILER!!!";
constexpr std::size_t kBlock = 512;

struct Header {
    std::uint32_t inode = 0, mode = 0, uid = 0, gid = 0, links = 1;
    std::uint32_t size = 0, major = 0, minor = 0;
};

struct LinkGroup {
    std::uint32_t inode = 0, members = 0, left = 0;
};

void put_hex(std::string& out, std::uint32_t value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (int shift = 28; shift >= 0; shift -= 4) out += kDigits[(value >> shift) & 15];
}

void pad_to(std::string& out, std::size_t unit) {
    out.append((unit - out.size() % unit) % unit, '\0');
}

void put_header(std::string& out, const Header& header, std::string_view name) {
    const std::uint32_t name_size = static_cast<std::uint32_t>(name.size()) + 1;
    const std::array<std::uint32_t, 13> fields = {
        header.inode,  header.mode, header.uid, header.gid,  header.links,
        0 /* mtime */, header.size, 0,          0 /* dev */, header.major,
        header.minor,  name_size,   0 /* check */};
    out += kMagic;
    for (const std::uint32_t field : fields) put_hex(out, field);
    out.append(name).append(1, '\0');
    pad_to(out, 4);
}

}  // namespace

Result<std::string> write_cpio(const Archive& archive) {
    const std::vector<const Entry*> order = archive.in_order();
    std::map<std::uint32_t, LinkGroup> groups;
    for (const Entry* entry : order)
        if (entry->link_group != 0) ++groups[entry->link_group].members;
    for (auto& [number, group] : groups) group.left = group.members;

    std::string out;
    std::uint32_t last_inode = 0;
    for (const Entry* entry : order) {
        Header header;
        header.mode = type_bits(entry->kind) | (entry->mode & 07777);
        header.uid = entry->uid;
        header.gid = entry->gid;
        header.major = entry->major;
        header.minor = entry->minor;
        header.links = entry->kind == EntryKind::kDirectory ? 2 : 1;
        bool has_data = entry->kind == EntryKind::kFile || entry->kind == EntryKind::kSymlink;
        if (entry->link_group == 0) {
            header.inode = ++last_inode;
        } else {
            LinkGroup& group = groups[entry->link_group];
            if (group.inode == 0) group.inode = ++last_inode;
            header.inode = group.inode;
            header.links = group.members;
            has_data = --group.left == 0;
        }
        const std::string_view data =
            has_data ? std::string_view(archive.content_of(*entry)) : std::string_view();
        if (data.size() > 0xffffffff)
            return fail(Error::refused("write", "/" + entry->path, "larger than 4 GiB"));
        header.size = static_cast<std::uint32_t>(data.size());
        put_header(out, header, entry->path);
        out.append(data);
        pad_to(out, 4);
    }
    put_header(out, Header{}, kTrailer);
    pad_to(out, kBlock);
    return out;
}

}  // namespace prologue::images
