// SPDX-License-Identifier: MIT
// prologue list, prologue cat: looking into an image.
#include <cstdio>

#include "images/command.h"
#include "images/cpio_reader.h"
#include "images/host.h"
#include "images/input.h"

namespace prologue::images {
namespace {

constexpr OptionRow kListOptions[] = {
    {"--parts", "", "", "the joined archives instead of their entries"},
};

char type_letter(EntryKind kind) {
    switch (kind) {
        case EntryKind::kFile: return '-';
        case EntryKind::kDirectory: return 'd';
        case EntryKind::kSymlink: return 'l';
        case EntryKind::kCharacter: return 'c';
        case EntryKind::kBlock: return 'b';
        case EntryKind::kPipe: return 'p';
        case EntryKind::kSocket: return 's';
    }
    return '?';
}

// As ls(1) shows it: set-id and sticky bits stand in for the execute bit.
std::string mode_text(const Entry& entry) {
    std::string text(1, type_letter(entry.kind));
    constexpr std::string_view kLetters = "rwxrwxrwx";
    for (std::size_t i = 0; i < kLetters.size(); ++i)
        text += (entry.mode >> (8 - i) & 1) != 0 ? kLetters[i] : '-';
    if ((entry.mode & 04000) != 0) text[3] = text[3] == 'x' ? 's' : 'S';
    if ((entry.mode & 02000) != 0) text[6] = text[6] == 'x' ? 's' : 'S';
    if ((entry.mode & 01000) != 0) text[9] = text[9] == 'x' ? 't' : 'T';
    return text;
}

// Names come from a file that anybody may have made: nothing of them steers a terminal.
std::string printable(std::string_view text) {
    std::string safe(text);
    for (char& letter : safe)
        if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = '?';
    return safe;
}

void print_entry(const ImageEntry& one) {
    const Entry& entry = one.entry;
    const bool is_node = entry.kind == EntryKind::kCharacter || entry.kind == EntryKind::kBlock;
    const std::string size = is_node
                                 ? std::to_string(entry.major) + "," + std::to_string(entry.minor)
                                 : std::to_string(entry.content.size());
    std::string name = printable(entry.path);
    if (entry.kind == EntryKind::kSymlink) name += " -> " + printable(entry.content);
    (void)std::printf("%s %2u %u:%u %9s %s\n", mode_text(entry).c_str(), one.links, entry.uid,
                      entry.gid, size.c_str(), name.c_str());
}

int run_list(const CommandLineWords& line) {
    const Result<Input> input = read_input(line.words.front(), Wanted::kImage);
    if (!input) return report(input.error());
    const ImageContents contents = read_image(input->data);
    if (line.has("--parts")) {
        for (const ImagePart& part : contents.parts)
            (void)std::printf("%10zu %10zu %-5s %zu entries\n", part.offset, part.size,
                              std::string(name_of(part.compression)).c_str(), part.entries);
    } else {
        for (const ImageEntry& entry : contents.entries) print_entry(entry);
    }
    (void)std::fflush(stdout);
    contents.problems.print();
    return contents.problems.has_errors() ? kExitErrors : kExitClean;
}

int run_cat(const CommandLineWords& line) {
    const Result<Input> input = read_input(line.words[0], Wanted::kImage);
    if (!input) return report(input.error());
    const ImageContents contents = read_image(input->data);
    contents.problems.print();
    const Archive tree = contents.tree();
    const Entry* entry = tree.find(tree.resolve(line.words[1]));
    if (entry == nullptr)
        return report(Error::not_found("find", line.words[1], "the image has no such file"));
    if (entry->kind != EntryKind::kFile)
        return report(
            Error::refused("read", line.words[1], "it is a " + std::string(name_of(entry->kind))));
    const Result<> written = write_output("-", tree.content_of(*entry), 0);
    if (!written) return report(written.error());
    return contents.problems.has_errors() ? kExitErrors : kExitClean;
}

}  // namespace

constinit const Command kList = {
    "list", "IMAGE", "list what an image holds, in its order", kListOptions, 1, 1, run_list};
constinit const Command kCat = {"cat", "IMAGE PATH", "print one file of an image", {}, 2,
                                2,     run_cat};

}  // namespace prologue::images
