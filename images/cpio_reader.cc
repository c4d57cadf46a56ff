// SPDX-License-Identifier: MIT
#include "images/cpio_reader.h"

#include <algorithm>
#include <array>
#include <climits>
#include <map>
#include <set>

#include "images/ext2_layout.h"
#include "images/host.h"

namespace prologue::images {
namespace {

constexpr std::string_view kMagic = "070701";
constexpr std::string_view kMagicWithSums = "070702";
constexpr std::string_view kTrailer = "TRAILER!!!";
constexpr std::size_t kHeaderBytes = 110;
// The microcode and ACPI loaders read these straight from the image: no directories needed.
constexpr std::string_view kEarlyFolders[] = {"kernel/x86/microcode/", "kernel/firmware/acpi/"};

enum Field : std::uint8_t {
    kInode,
    kMode,
    kUid,
    kGid,
    kLinks,
    kMtime,
    kSize,
    kDevMajor,
    kDevMinor,
    kMajor,
    kMinor,
    kNameSize,
    kFieldCount
};
using Fields = std::array<std::uint32_t, kFieldCount>;

std::optional<Fields> parse_fields(std::string_view header) {
    Fields fields = {};
    for (std::size_t i = 0; i < kFieldCount; ++i) {
        std::uint32_t value = 0;
        for (const char letter : header.substr(6 + i * 8, 8)) {
            value <<= 4;
            if (letter >= '0' && letter <= '9')
                value |= static_cast<std::uint32_t>(letter - '0');
            else if (letter >= 'a' && letter <= 'f')
                value |= static_cast<std::uint32_t>(letter - 'a' + 10);
            else if (letter >= 'A' && letter <= 'F')
                value |= static_cast<std::uint32_t>(letter - 'A' + 10);
            else
                return std::nullopt;
        }
        fields[i] = value;
    }
    return fields;
}

std::optional<EntryKind> kind_of(std::uint32_t mode) {
    switch (mode & 0170000) {
        case 0100000: return EntryKind::kFile;
        case 0040000: return EntryKind::kDirectory;
        case 0120000: return EntryKind::kSymlink;
        case 0020000: return EntryKind::kCharacter;
        case 0060000: return EntryKind::kBlock;
        case 0010000: return EntryKind::kPipe;
        case 0140000: return EntryKind::kSocket;
        default: return std::nullopt;
    }
}

bool is_early(std::string_view path) {
    return std::any_of(std::begin(kEarlyFolders), std::end(kEarlyFolders),
                       [path](std::string_view folder) { return path.starts_with(folder); });
}

constexpr std::size_t aligned(std::size_t offset) {
    return (offset + 3) / 4 * 4;
}

class Reader {
  public:
    Reader(std::string_view image, std::size_t limit) : image_(image), limit_(limit) {}
    ImageContents read();

  private:
    // Where in the image something is, in words.
    [[nodiscard]] std::string place(std::size_t offset) const;
    void error(std::size_t offset, const std::string& what, std::string hint = {});
    void warning(std::size_t offset, const std::string& what, std::string hint = {});

    bool read_compressed(Compression compression);
    bool read_unpacked(std::string_view data);
    // One cpio at `offset` of `data`, up to its trailer; false when nothing more can be read.
    bool read_archive(std::string_view data, std::size_t& offset);
    bool read_entry(std::string_view data, std::size_t& offset, const Fields& fields,
                    std::string_view name);
    void add_entry(const Fields& fields, Entry entry, std::size_t offset);
    void check_parent(const Entry& entry, std::size_t offset);
    bool bad_magic(std::string_view data, std::size_t offset);

    std::string_view image_;
    std::size_t limit_;
    std::size_t at_ = 0;
    bool inside_ = false;  // of a compressed part: offsets are those of the unpacked data
    std::size_t unpacked_ = 0;
    ImageContents contents_;
    std::set<std::string, std::less<>> directories_;
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint32_t> groups_;  // of one archive
    std::uint32_t last_group_ = 0;
};

std::string Reader::place(std::size_t offset) const {
    std::string text = "at byte " + std::to_string(offset);
    if (inside_)
        text += " of what the compressed archive at byte " +
                std::to_string(contents_.parts.back().offset) + " unpacks to";
    return text;
}

void Reader::error(std::size_t offset, const std::string& what, std::string hint) {
    contents_.problems.error(what + ", " + place(offset), std::move(hint));
}

void Reader::warning(std::size_t offset, const std::string& what, std::string hint) {
    contents_.problems.warning(what + ", " + place(offset), std::move(hint));
}

bool Reader::bad_magic(std::string_view data, std::size_t offset) {
    const std::string_view magic = data.substr(offset, 6);
    if (magic == "070707")
        error(offset, "an archive in the old cpio format", "make it with 'cpio -H newc'");
    else
        error(offset, "no cpio header where one should be");
    return false;
}

// The kernel creates nothing whose directory is not there, and says nothing.
void Reader::check_parent(const Entry& entry, std::size_t offset) {
    if (entry.kind == EntryKind::kDirectory || entry.kind == EntryKind::kSymlink)
        directories_.insert(entry.path);  // a symlink may lead to a directory
    const std::string_view parent = parent_of(entry.path);
    if (parent.empty() || is_early(entry.path)) return;
    if (directories_.contains(parent)) return;
    error(offset, "/" + entry.path + " stands before its directory /" + std::string(parent),
          "the kernel drops such an entry in silence");
}

void Reader::add_entry(const Fields& fields, Entry entry, std::size_t offset) {
    const bool linked = fields[kLinks] > 1 && entry.kind != EntryKind::kDirectory;
    if (linked) {
        const std::uint64_t device =
            static_cast<std::uint64_t>(fields[kDevMajor]) << 32 | fields[kDevMinor];
        std::uint32_t& group = groups_[{device, fields[kInode]}];
        if (group == 0) group = ++last_group_;
        entry.link_group = group;
    }
    check_parent(entry, offset);
    ++contents_.parts.back().entries;
    contents_.entries.push_back(
        {std::move(entry), fields[kLinks], fields[kMtime], contents_.parts.size() - 1, offset});
}

bool Reader::read_entry(std::string_view data, std::size_t& offset, const Fields& fields,
                        std::string_view name) {
    const std::size_t start = offset;
    const std::size_t body = aligned(offset + kHeaderBytes + fields[kNameSize]);
    if (body > data.size() || data.size() - body < fields[kSize]) {
        error(start, "the archive is cut off inside /" + std::string(name));
        return false;
    }
    offset = std::min(aligned(body + fields[kSize]), data.size());
    Result<std::string> path = normalise_path(name);
    const auto kind = kind_of(fields[kMode]);
    if (!path) {
        error(start, "entry " + path.error()->detail);
        return true;
    }
    if (path->empty()) {  // "." itself
        if (kind != EntryKind::kDirectory) error(start, "entry for the root is no directory");
        ++contents_.parts.back().entries;
        return true;
    }
    if (!kind) {
        error(start, "/" + *path + " has no known file type");
        return true;
    }
    Entry entry;
    entry.path = std::move(*path);
    entry.kind = *kind;
    entry.mode = fields[kMode] & 07777;
    entry.uid = fields[kUid];
    entry.gid = fields[kGid];
    entry.major = fields[kMajor];
    entry.minor = fields[kMinor];
    entry.content = std::string(data.substr(body, fields[kSize]));
    add_entry(fields, std::move(entry), start);
    return true;
}

bool Reader::read_archive(std::string_view data, std::size_t& offset) {
    groups_.clear();
    for (;;) {
        if (offset == data.size()) {
            warning(offset, "the archive ends without its TRAILER!!! entry");
            return false;
        }
        const std::string_view header = data.substr(offset, kHeaderBytes);
        if (!header.starts_with(kMagic) && !header.starts_with(kMagicWithSums))
            return header.size() < 6 ? (error(offset, "the archive is cut off in a header"), false)
                                     : bad_magic(data, offset);
        const auto fields =
            header.size() == kHeaderBytes ? parse_fields(header) : std::optional<Fields>();
        if (header.size() < kHeaderBytes || !fields) {
            error(offset, header.size() < kHeaderBytes
                              ? "the archive is cut off in a header"
                              : "a header with something else than hexadecimal digits");
            return false;
        }
        const std::uint32_t name_size = (*fields)[kNameSize];
        if (name_size == 0 || name_size > PATH_MAX) {
            error(offset, "a name of " + std::to_string(name_size) + " bytes");
            return false;
        }
        std::string_view name = data.substr(offset + kHeaderBytes);
        if (name.size() < name_size) {
            error(offset, "the archive is cut off in a name");
            return false;
        }
        name = name.substr(0, name_size - 1);
        name = name.substr(0, name.find('\0'));
        if (name == kTrailer) {
            offset = std::min(aligned(offset + kHeaderBytes + name_size), data.size());
            return true;
        }
        if (!read_entry(data, offset, *fields, name)) return false;
    }
}

// The archives inside one compressed part.
bool Reader::read_unpacked(std::string_view data) {
    std::size_t offset = 0;
    while (offset < data.size()) {
        if (data[offset] == '\0') {
            ++offset;
            continue;
        }
        if (!read_archive(data, offset)) return offset == data.size();
    }
    return true;
}

bool Reader::read_compressed(Compression compression) {
    const Decoded decoded = decompress(compression, image_.substr(at_), limit_ - unpacked_);
    contents_.parts.push_back({at_, decoded.consumed, compression, 0});
    unpacked_ += std::min(decoded.data.size(), limit_ - unpacked_);
    if (!decoded.problem.empty()) error(at_, decoded.problem);
    inside_ = true;
    bool whole = true;
    // Of a damaged part only what stands in front of the damage is looked at, without complaints
    // about its end.
    if (decoded.problem.empty()) {
        whole = read_unpacked(decoded.data);
        if (decoded.data.empty()) warning(0, "an empty archive");
    }
    inside_ = false;
    at_ += decoded.consumed;
    return whole && decoded.problem.empty() && decoded.consumed > 0;
}

ImageContents Reader::read() {
    directories_.insert("");
    while (at_ < image_.size()) {
        if (image_[at_] == '\0') {
            ++at_;
            continue;
        }
        const std::string_view rest = image_.substr(at_);
        if (rest.front() == '0' && at_ % 4 == 0) {
            const std::size_t start = at_;
            contents_.parts.push_back({start, 0, Compression::kNone, 0});
            const bool whole = read_archive(image_, at_);
            contents_.parts.back().size = at_ - start;
            if (!whole) break;
            continue;
        }
        // After an uncompressed archive the kernel wants even a compressed one there.
        const bool after_plain =
            !contents_.parts.empty() && contents_.parts.back().compression == Compression::kNone;
        if (rest.starts_with(kMagic) || (after_plain && at_ % 4 != 0)) {
            error(at_, "an archive that does not start at a multiple of 4",
                  "the kernel ignores it; pad the one before it with zeros");
            break;
        }
        const auto compression = detect_compression(rest);
        if (compression) {
            if (!read_compressed(*compression)) break;
            continue;
        }
        const std::string_view foreign = foreign_compression(rest);
        error(at_, foreign.empty() ? "neither a cpio archive nor a compression that is known"
                                   : "an archive compressed with " + std::string(foreign) +
                                         ", which this tool cannot read");
        break;
    }
    if (contents_.parts.empty() && !contents_.problems.has_errors())
        contents_.problems.error("the image is empty");
    return std::move(contents_);
}

bool begins_like_archive(std::string_view data) {
    return data.starts_with(kMagic) || data.starts_with(kMagicWithSums) ||
           data.starts_with("070707") || detect_compression(data).has_value() ||
           !foreign_compression(data).empty();
}

}  // namespace

Archive ImageContents::tree() const {
    // Later entries replace earlier ones, so only the last of each path is taken. The content of a
    // group of hard links may stand in any of its names.
    std::map<std::string_view, const ImageEntry*> last;
    for (const ImageEntry& one : entries) last[one.entry.path] = &one;
    Archive archive;
    for (const auto& [path, one] : last) {
        (void)archive.add(one->entry);  // every path comes once
    }
    return archive;
}

ImageContents read_image(std::string_view image, std::size_t limit) {
    // Any archive may have the two bytes of that magic in that place.
    if (!begins_like_archive(image) && looks_like_ext2(image)) {
        ImageContents contents;
        contents.problems.error("a filesystem (ext2, ext3 or ext4), and no initramfs",
                                "'e2fsck -fn FILE' checks it, and 'debugfs FILE' looks into it");
        return contents;
    }
    return Reader(image, limit).read();
}

bool looks_like_image(std::string_view data) {
    return begins_like_archive(data) || looks_like_ext2(data);
}

}  // namespace prologue::images
