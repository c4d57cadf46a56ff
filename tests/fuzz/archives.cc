// SPDX-License-Identifier: MIT
#include "tests/fuzz/archives.h"

#include <set>

#include "images/cpio_reader.h"
#include "images/cpio_writer.h"
#include "images/host.h"
#include "tests/fuzz/fuzz.h"

namespace prologue::fuzz {
namespace {

using images::Archive;
using images::Entry;
using images::EntryKind;

bool same_entry(const Archive& a, const Entry& x, const Archive& b, const Entry& y) {
    if (x.path != y.path || x.kind != y.kind || x.mode != y.mode) return false;
    if (x.uid != y.uid || x.gid != y.gid) return false;
    const bool node = x.kind == EntryKind::kCharacter || x.kind == EntryKind::kBlock;
    if (node && (x.major != y.major || x.minor != y.minor)) return false;
    const bool has_content = x.kind == EntryKind::kFile || x.kind == EntryKind::kSymlink;
    return !has_content || a.content_of(x) == b.content_of(y);
}

}  // namespace

bool same_tree(const Archive& a, const Archive& b) {
    const std::vector<const Entry*> x = a.in_order();
    const std::vector<const Entry*> y = b.in_order();
    if (x.size() != y.size()) return false;
    for (std::size_t i = 0; i < x.size(); ++i)
        if (!same_entry(a, *x[i], b, *y[i])) return false;
    return true;
}

void check_finished(const Archive& archive) {
    std::set<std::string_view> directories{""};
    for (const Entry* entry : archive.in_order()) {
        HOLDS(images::normalise_path(entry->path).value_or("") == entry->path);
        HOLDS(directories.contains(images::parent_of(entry->path)));
        if (entry->kind == EntryKind::kDirectory) directories.insert(entry->path);
        HOLDS(archive.find(entry->path) == entry);
    }
    const Result<std::string> written = images::write_cpio(archive);
    if (!written) return;
    const images::ImageContents read = images::read_image(*written);
    HOLDS(read.problems.empty());
    HOLDS(read.entries.size() == archive.size());
    Archive again = read.tree();
    images::Problems problems;
    again.finish(problems);
    HOLDS(problems.empty());
    HOLDS(same_tree(archive, again));
}

}  // namespace prologue::fuzz
