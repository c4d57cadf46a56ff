// SPDX-License-Identifier: MIT
#include "images/listing.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <vector>

#include "images/host.h"

namespace prologue::images {
namespace {

using config::Diagnostics;
using config::Source;
using config::Span;

struct Word {
    std::string_view text;
    Span span;
};

struct Reader {
    const Source& source;
    Archive& archive;
    Diagnostics& diagnostics;
    std::map<std::string, Span, std::less<>> seen;
};

std::vector<Word> words_of(const Source& source, std::size_t start, std::size_t end) {
    constexpr std::string_view kBlank = " \t\r";
    const std::string_view text = source.text;
    std::vector<Word> words;
    std::size_t at = start;
    while (at < end) {
        if (kBlank.find(text[at]) != std::string_view::npos) {
            ++at;
            continue;
        }
        std::size_t stop = at;
        while (stop < end && kBlank.find(text[stop]) == std::string_view::npos) ++stop;
        words.push_back(
            {text.substr(at, stop - at),
             {&source, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(stop - at)}});
        at = stop;
    }
    return words;
}

std::optional<std::uint32_t> number(Reader& reader, const Word& word, int base, std::uint32_t limit,
                                    Literal what) {
    std::uint32_t value = 0;
    const char* end = word.text.data() + word.text.size();
    const auto [stop, error] = std::from_chars(word.text.data(), end, value, base);
    if (error == std::errc() && stop == end && value <= limit) return value;
    reader.diagnostics.error(word.span, "'" + std::string(word.text) + "' is no " + what.str());
    return std::nullopt;
}

std::optional<std::uint32_t> mode_of(Reader& reader, const Word& word) {
    return number(reader, word, 8, 07777, "mode: octal, at most 7777");
}

std::optional<std::uint32_t> id_of(Reader& reader, const Word& word) {
    return number(reader, word, 10, 0xffffffff, "user or group number");
}

// ${NAME} from the environment. An unset one is an error: the kernel's tool would go on with
// nothing.
std::optional<std::string> expand(Reader& reader, const Word& word) {
    std::string out;
    std::string_view rest = word.text;
    for (;;) {
        const std::size_t start = rest.find("${");
        const std::size_t end = start == std::string_view::npos ? start : rest.find('}', start);
        if (end == std::string_view::npos) return out.append(rest);
        const std::string name(rest.substr(start + 2, end - start - 2));
        const char* value = std::getenv(name.c_str());
        if (value == nullptr) {
            reader.diagnostics.error(word.span, "environment variable '" + name + "' is not set");
            return std::nullopt;
        }
        out.append(rest.substr(0, start)).append(value);
        rest.remove_prefix(end + 1);
    }
}

void add(Reader& reader, const Word& name, Entry entry) {
    Result<std::string> path = normalise_path(name.text);
    if (!path) {
        reader.diagnostics.error(name.span, path.error()->detail);
        return;
    }
    if (path->empty() && entry.kind != EntryKind::kDirectory) {
        reader.diagnostics.error(name.span, "the root of an image is a directory");
        return;
    }
    entry.path = *path;
    Result<> added = reader.archive.add(std::move(entry));
    if (!added) {
        const auto first = reader.seen.find(*path);
        const std::string where = first == reader.seen.end()
                                      ? std::string()
                                      : "the first one is on line " +
                                            std::to_string(config::position_of(first->second).line);
        reader.diagnostics.error(name.span, "/" + *path + " is here twice, with other content",
                                 where);
    }
    reader.seen.try_emplace(*path, name.span);
}

// MODE UID GID at words[first…].
bool read_owner(Reader& reader, const std::vector<Word>& words, std::size_t first, Entry& entry) {
    const auto mode = mode_of(reader, words[first]);
    const auto uid = id_of(reader, words[first + 1]);
    const auto gid = id_of(reader, words[first + 2]);
    if (!mode || !uid || !gid) return false;
    entry.mode = *mode;
    entry.uid = *uid;
    entry.gid = *gid;
    return true;
}

void read_file_line(Reader& reader, const std::vector<Word>& words) {
    Entry entry;
    const bool owner = read_owner(reader, words, 3, entry);
    const auto location = expand(reader, words[2]);
    if (!location) return;
    Result<std::string> content = read_file(*location);
    if (!content) {
        reader.diagnostics.error(words[2].span, describe(content.error()));
        return;
    }
    if (!owner) return;
    entry.content = std::move(*content);
    entry.origin = real_path(*location).value_or("");
    if (words.size() > 6) entry.link_group = reader.archive.new_link_group();
    Entry link = entry;
    link.content.clear();
    add(reader, words[1], std::move(entry));
    for (std::size_t i = 6; i < words.size(); ++i) add(reader, words[i], link);
}

void read_dir_line(Reader& reader, const std::vector<Word>& words) {
    Entry entry = make_directory_entry({});
    if (read_owner(reader, words, 2, entry)) add(reader, words[1], std::move(entry));
}

void read_node_line(Reader& reader, const std::vector<Word>& words) {
    Entry entry;
    const bool owner = read_owner(reader, words, 2, entry);
    const auto major = number(reader, words[6], 10, 0xfff, "major number");
    const auto minor = number(reader, words[7], 10, 0xfffff, "minor number");
    const std::string_view type = words[5].text;
    if (type != "b" && type != "c")
        reader.diagnostics.error(words[5].span, "'" + std::string(type) + "' is no device type",
                                 "'c' is a character device, 'b' a block device");
    if (!owner || !major || !minor || (type != "b" && type != "c")) return;
    entry.kind = type == "b" ? EntryKind::kBlock : EntryKind::kCharacter;
    entry.major = *major;
    entry.minor = *minor;
    add(reader, words[1], std::move(entry));
}

void read_link_line(Reader& reader, const std::vector<Word>& words) {
    Entry entry = make_symlink({}, {});
    const bool owner = read_owner(reader, words, 3, entry);
    const auto target = expand(reader, words[2]);
    if (!owner || !target) return;
    entry.content = *target;
    add(reader, words[1], std::move(entry));
}

void read_pipe_line(Reader& reader, const std::vector<Word>& words) {
    Entry entry;
    entry.kind = EntryKind::kPipe;
    if (read_owner(reader, words, 2, entry)) add(reader, words[1], std::move(entry));
}

void read_sock_line(Reader& reader, const std::vector<Word>& words) {
    Entry entry;
    entry.kind = EntryKind::kSocket;
    if (read_owner(reader, words, 2, entry)) add(reader, words[1], std::move(entry));
}

struct LineKind {
    Literal keyword;
    Literal form;
    std::size_t words;  // with the keyword
    bool more;          // further words may follow
    void (*read)(Reader&, const std::vector<Word>&);
};

constexpr LineKind kLineKinds[] = {
    {"file", "file NAME LOCATION MODE UID GID [HARD LINKS]", 6, true, read_file_line},
    {"dir", "dir NAME MODE UID GID", 5, false, read_dir_line},
    {"nod", "nod NAME MODE UID GID c|b MAJOR MINOR", 8, false, read_node_line},
    {"slink", "slink NAME TARGET MODE UID GID", 6, false, read_link_line},
    {"pipe", "pipe NAME MODE UID GID", 5, false, read_pipe_line},
    {"sock", "sock NAME MODE UID GID", 5, false, read_sock_line},
};

void read_line(Reader& reader, const std::vector<Word>& words) {
    std::vector<std::string_view> keywords;
    for (const LineKind& kind : kLineKinds) {
        keywords.push_back(kind.keyword);
        if (kind.keyword.view() != words[0].text) continue;
        if (words.size() < kind.words || (words.size() > kind.words && !kind.more)) {
            reader.diagnostics.error(
                words.size() < kind.words ? words[0].span : words[kind.words].span,
                words.size() < kind.words ? "this line is too short" : "too many words",
                "the form is '" + kind.form.str() + "'");
            return;
        }
        kind.read(reader, words);
        return;
    }
    reader.diagnostics.error(words[0].span, "unknown entry '" + std::string(words[0].text) + "'",
                             config::did_you_mean_hint(words[0].text, keywords));
}

std::string owner_text(const Entry& entry) {
    char text[64];
    (void)std::snprintf(text, sizeof text, " %04o %u %u", entry.mode & 07777, entry.uid, entry.gid);
    return text;
}

// The format has no quotes: a blank ends a word.
bool has_blank(std::string_view text) {
    return text.find_first_of(" \t\r\n") != std::string_view::npos;
}

std::string node_text(const Entry& entry) {
    return std::string(entry.kind == EntryKind::kBlock ? " b " : " c ") +
           std::to_string(entry.major) + " " + std::to_string(entry.minor);
}

}  // namespace

void read_listing(const Source& source, Archive& archive, Diagnostics& diagnostics) {
    Reader reader{source, archive, diagnostics, {}};
    std::size_t at = 0;
    while (at < source.text.size()) {
        const std::size_t end = std::min(source.text.find('\n', at), source.text.size());
        const std::vector<Word> words = words_of(source, at, end);
        if (!words.empty() && !words[0].text.starts_with('#')) read_line(reader, words);
        at = end + 1;
    }
}

bool is_on_disk(const Entry& entry) {
    return !entry.origin.empty() && !has_blank(entry.origin);
}

Result<> check_listable(const Archive& archive, const std::string& content_directory) {
    if (has_blank(content_directory))
        return fail(
            Error::refused("write", content_directory, "a list cannot name a path with blanks"));
    for (const Entry* entry : archive.in_order()) {
        if (has_blank(entry->path) ||
            (entry->kind == EntryKind::kSymlink && has_blank(entry->content)))
            return fail(Error::refused("write", "/" + entry->path,
                                       "a list cannot name a path with blanks"));
        if (entry->kind == EntryKind::kSymlink && entry->content.empty())
            return fail(Error::refused("write", "/" + entry->path,
                                       "a list cannot name a symlink without a target"));
    }
    return {};
}

std::string write_listing(const Archive& archive, const std::string& content_directory) {
    std::map<std::uint32_t, std::string> link_names;  // the further names of each group
    std::map<std::uint32_t, const Entry*> first_of_group;
    const std::vector<const Entry*> order = archive.in_order();
    for (const Entry* entry : order) {
        if (entry->link_group == 0) continue;
        if (first_of_group.try_emplace(entry->link_group, entry).second) continue;
        link_names[entry->link_group] += " /" + entry->path;
    }
    std::string text;
    for (const Entry* entry : order) {
        const std::string name = " /" + entry->path;
        switch (entry->kind) {
            case EntryKind::kFile: {
                if (entry->link_group != 0 && first_of_group[entry->link_group] != entry) break;
                const std::string place =
                    !is_on_disk(*entry) ? join_path(content_directory, entry->path) : entry->origin;
                text += "file" + name + " " + place + owner_text(*entry);
                if (entry->link_group != 0) text += link_names[entry->link_group];
                text += "\n";
                break;
            }
            case EntryKind::kDirectory: text += "dir" + name + owner_text(*entry) + "\n"; break;
            case EntryKind::kSymlink:
                text += "slink" + name + " " + entry->content + owner_text(*entry) + "\n";
                break;
            case EntryKind::kCharacter:
            case EntryKind::kBlock:
                text += "nod" + name + owner_text(*entry) + node_text(*entry) + "\n";
                break;
            case EntryKind::kPipe: text += "pipe" + name + owner_text(*entry) + "\n"; break;
            case EntryKind::kSocket: text += "sock" + name + owner_text(*entry) + "\n"; break;
        }
    }
    return text;
}

}  // namespace prologue::images
