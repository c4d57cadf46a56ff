// SPDX-License-Identifier: MIT
// The manual pages and the completions against the program's own tables: what is made from a table
// is up to date, and what is written by hand leaves nothing out. PROLOGUE_UPDATE_GOLDENS=1 in the
// environment writes the regions anew.
#include <dirent.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "board/board.h"
#include "images/command.h"
#include "init/plan.h"
#include "stages/stage.h"
#include "tests/doc/completion_tables.h"
#include "tests/doc/doc_tables.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

constexpr std::string_view kFiles[] = {
    "images/man/prologue.1", "images/man/prologue.8", "images/man/prologue.conf.5",
    "images/completion/prologue.bash", "images/completion/_prologue"};

std::string path_of(std::string_view file) {
    return std::string(PROLOGUE_SOURCE_DIR "/").append(file);
}

std::string read(std::string_view file) {
    std::ifstream in(path_of(file), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool is_updating() {
    const char* const value = std::getenv("PROLOGUE_UPDATE_GOLDENS");
    return value != nullptr && std::string_view(value) == "1";
}

bool has_line(const std::string& text, const std::string& start) {
    for (std::size_t at = text.find("\n" + start); at != std::string::npos;
         at = text.find("\n" + start, at + 1)) {
        const char next = text[std::min(text.size() - 1, at + 1 + start.size())];
        if (next == '\n' || next == ' ') return true;
    }
    return false;
}

void check_region(const std::string& page, const std::string& region) {
    CHECK_MESSAGE(has_line(page, ".\\\" generated: " + region), region);
}

// The words of the comment lines `.\" LIST: word word …`.
std::vector<std::string> listed_words(const std::string& page, const std::string& list) {
    std::vector<std::string> words;
    const std::string mark = "\n.\\\" " + list + ": ";
    for (std::size_t at = page.find(mark); at != std::string::npos; at = page.find(mark, at + 1)) {
        std::string word;
        for (at += mark.size(); page[at] != '\n'; ++at) {
            if (page[at] != ' ') word += page[at];
            const bool ends = page[at + 1] == ' ' || page[at + 1] == '\n';
            if (ends && !word.empty()) words.push_back(std::exchange(word, {}));
        }
        --at;
    }
    return words;
}

// Words "prologue.NAME" in the string literals of the sources below `folder`.
void collect_words(const std::string& folder, std::set<std::string>& words) {
    DIR* const directory = opendir(path_of(folder).c_str());
    if (directory == nullptr) return;
    while (const dirent* entry = readdir(directory)) {
        const std::string name = entry->d_name;
        if (entry->d_type == DT_DIR && !name.starts_with('.'))
            collect_words(folder + "/" + name, words);
        if (!name.ends_with(".cc")) continue;
        const std::string text = read(folder + "/" + name);
        constexpr std::string_view kMark = "\"prologue.";
        for (std::size_t at = text.find(kMark); at != std::string::npos;
             at = text.find(kMark, at + 1)) {
            const std::size_t end = text.find('"', at + 1);
            const std::string word = text.substr(at + 1, end - at - 1);
            const bool is_prefix = word.ends_with('.');
            if (!is_prefix && word.find_first_of(" (%") == std::string::npos) words.insert(word);
        }
    }
    closedir(directory);
}

}  // namespace

TEST_CASE("doc: pages and completions agree with the tables") {
    for (const std::string_view file : kFiles) {
        const std::string text = read(file);
        CHECK_MESSAGE(!text.empty(), file);
        std::string problems;
        const std::string fresh = with_fresh_regions(text, problems);
        CHECK_MESSAGE(problems.empty(), file, ": ", problems);
        if (is_updating() && problems.empty()) {
            std::ofstream(path_of(file), std::ios::binary) << fresh;
            continue;
        }
        CHECK_MESSAGE(text == fresh, file, " is not up to date: PROLOGUE_UPDATE_GOLDENS=1");
    }
}

TEST_CASE("doc: prologue(1) has every command") {
    const std::string page = read("images/man/prologue.1");
    check_region(page, "synopsis");
    for (const images::Command* command : images::command_table())
        check_region(page, "command " + command->name.str());
}

TEST_CASE("doc: prologue.conf(5) has every stage, setting, board and board value") {
    const std::string page = read("images/man/prologue.conf.5");
    for (const StageType* stage : stage_table())
        check_region(page, "stage " + stage->keyword.str());
    for (const std::string region : {"common", "boards", "prelude"}) check_region(page, region);
    for (const std::string_view name : setting_names())
        CHECK_MESSAGE(has_line(page, ".It Cm set " + std::string(name)), name);
    for (const Literal key : board_value_names())
        CHECK_MESSAGE(has_line(page, ".It Cm board." + key.str()), key.view());
}

TEST_CASE("doc: the filesystem types in prologue.conf(5) are those that the program knows") {
    const std::string page = read("images/man/prologue.conf.5");
    const std::vector<std::string> deviceless = listed_words(page, "deviceless");
    const std::vector<std::string> verbatim = listed_words(page, "verbatim");
    CHECK(deviceless.size() > 20);
    CHECK(verbatim.size() > 8);
    for (const std::string& word : deviceless) {
        CHECK_MESSAGE(is_deviceless_type(word), word);
        CHECK_MESSAGE(has_line(page, ".Cm " + word), word);
    }
    for (const std::string& word : verbatim) {
        CHECK_MESSAGE(takes_verbatim_source(word), word);
        CHECK_MESSAGE(has_line(page, ".Cm " + word), word);
    }
}

TEST_CASE("doc: what prologue.conf(5) calls reserved is not built") {
    const std::vector<std::string> words =
        listed_words(read("images/man/prologue.conf.5"), "reserved");
    CHECK(words.size() > 5);
    for (const std::string& word : words) CHECK_MESSAGE(is_reserved_keyword(word), word);
}

TEST_CASE("doc: prologue(8) has every prologue word of the kernel command line") {
    std::set<std::string> words;
    for (const std::string folder : {"init", "board", "stages", "config"})
        collect_words(folder, words);
    CHECK(words.count("prologue.timeout") == 1);
    const std::string page = read("images/man/prologue.8");
    for (const std::string& word : words) CHECK_MESSAGE(has_line(page, ".It Cm " + word), word);
}

TEST_CASE("doc: prologue(8) has the commands of the rescue shell") {
    check_region(read("images/man/prologue.8"), "shell commands");
}

TEST_CASE("doc: the completions know every kind of value") {
    for (const images::Command* command : images::command_table()) {
        for (const images::OptionRow& row : command->options)
            CHECK_MESSAGE(source_of_option(row).has_value(), row.value.view());
        CHECK_MESSAGE(source_of_words(command->words).has_value(), command->words.view());
    }
}

}  // namespace prologue::tests
