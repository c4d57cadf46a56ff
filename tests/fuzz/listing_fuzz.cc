// SPDX-License-Identifier: MIT
// Lists for gen_init_cpio. The files that they name are not those of this machine: every location
// becomes a fixed one, there or missing.
#include "images/listing.h"

#include <cstdlib>

#include "images/kernel_modules.h"
#include "tests/fuzz/archives.h"
#include "tests/fuzz/fuzz.h"

namespace prologue::fuzz {
namespace {

using images::Archive;

constexpr const char* kExisting = "/proc/self/comm";
constexpr const char* kMissing = "/proc/self/missing";

// What `${…}` may find.
void set_environment() {
    static bool done = false;
    if (done) return;
    done = true;
    (void)setenv("FILE", kExisting, 1);
    (void)setenv("EMPTY", "", 1);
    (void)setenv("A", "usr/lib", 1);
}

// The words of the line with a location of ours behind `file NAME`.
void append_line(std::string_view line, std::string& text) {
    const std::vector<std::string_view> words = images::split_words(line);
    if (words.size() < 3 || words[0] != "file") {
        text.append(line).append("\n");
        return;
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool own = i == 2 && words[2] != "${FILE}" && words[2] != "${EMPTY}";
        if (i > 0) text += ' ';
        text += !own ? words[i] : words[2].size() % 4 == 0 ? kMissing : kExisting;
    }
    text += '\n';
}

config::Source source_of(std::string_view input) {
    config::Source source{"fuzz.list", {}};
    while (!input.empty()) append_line(images::take_line(input), source.text);
    return source;
}

void check_diagnostics(const config::Diagnostics& diagnostics) {
    for (const config::Diagnostic& one : diagnostics.sorted()) {
        if (one.span.source != nullptr) {
            HOLDS(one.span.offset <= one.span.source->text.size());
            HOLDS(one.span.length <= one.span.source->text.size() - one.span.offset);
        }
        HOLDS(!one.message.empty() && is_printable(config::render(one)));
    }
}

// A list that can be written reads back as the same tree.
void check_round_trip(const Archive& archive) {
    if (!images::check_listable(archive, "/proc/self")) return;
    for (const images::Entry* entry : archive.in_order())
        if (entry->kind == images::EntryKind::kFile && !images::is_on_disk(*entry)) return;
    const config::Source written{"written.list", images::write_listing(archive, "/proc/self")};
    Archive again;
    config::Diagnostics diagnostics;
    images::read_listing(written, again, diagnostics);
    HOLDS(!diagnostics.has_errors());
    images::Problems problems;
    again.finish(problems);
    HOLDS(problems.empty());
    HOLDS(same_tree(archive, again));
}

}  // namespace

void fuzz_one(std::string_view input) {
    set_environment();
    const config::Source source = source_of(input);
    Archive archive;
    config::Diagnostics diagnostics;
    images::read_listing(source, archive, diagnostics);
    check_diagnostics(diagnostics);
    if (diagnostics.has_errors()) return;
    images::Problems problems;
    archive.finish(problems);
    HOLDS(is_printable(problems.text()));
    if (problems.has_errors()) return;
    check_finished(archive);
    check_round_trip(archive);
}

}  // namespace prologue::fuzz
