// SPDX-License-Identifier: MIT
// Images, from whoever made them: list, check, and the members' contents.
#include "images/cpio_reader.h"

#include "images/image_check.h"
#include "tests/fuzz/archives.h"
#include "tests/fuzz/fuzz.h"

namespace prologue::fuzz {
namespace {

using images::Compression;
using images::ImageContents;
using images::ImageEntry;
using images::ImagePart;

// What a small image may unpack to here.
constexpr std::size_t kLimit = std::size_t{4} * 1024 * 1024;

void check_parts(std::string_view input, const ImageContents& contents) {
    std::size_t end = 0;
    std::size_t entries = 0;
    for (const ImagePart& part : contents.parts) {
        HOLDS(part.offset >= end && part.offset <= input.size());
        HOLDS(part.size <= input.size() - part.offset);
        end = part.offset + part.size;
        entries += part.entries;
    }
    HOLDS(contents.entries.size() <= entries);
}

void check_entries(std::string_view input, const ImageContents& contents) {
    std::size_t plain = 0;
    std::size_t unpacked = 0;
    for (const ImageEntry& one : contents.entries) {
        HOLDS(one.part < contents.parts.size());
        HOLDS(!one.entry.path.empty() && one.entry.mode <= 07777);
        const bool is_plain = contents.parts[one.part].compression == Compression::kNone;
        (is_plain ? plain : unpacked) += one.entry.content.size();
        if (!is_plain) continue;
        const ImagePart& part = contents.parts[one.part];
        HOLDS(one.offset >= part.offset && one.offset - part.offset < part.size);
        HOLDS(input.substr(one.offset).starts_with("07070"));
    }
    HOLDS(plain <= input.size());
    HOLDS(unpacked <= kLimit);
}

// The content of a symlink is its own, whatever inode it says.
void check_symlinks(const images::Archive& tree) {
    for (const images::Entry* entry : tree.in_order())
        if (entry->kind == images::EntryKind::kSymlink)
            HOLDS(tree.content_of(*entry) == entry->content);
}

}  // namespace

void fuzz_one(std::string_view input) {
    const ImageContents contents = images::read_image(input, kLimit);
    HOLDS(!contents.parts.empty() || contents.problems.has_errors());
    HOLDS(is_printable(contents.problems.text()));
    check_parts(input, contents);
    check_entries(input, contents);
    images::Archive tree = contents.tree();
    check_symlinks(tree);
    images::Problems problems;
    tree.finish(problems);
    if (!problems.has_errors()) check_finished(tree);
    if (!contents.problems.has_errors() && input.front() != '\0')
        HOLDS(images::looks_like_image(input));

    images::Problems found;
    (void)images::check_image("fuzz.img", input, found, images::Kernel::kUnknown, kLimit);
    HOLDS(!contents.problems.has_errors() || found.has_errors());
    HOLDS(is_printable(found.text()));
}

}  // namespace prologue::fuzz
