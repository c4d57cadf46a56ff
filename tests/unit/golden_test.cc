// SPDX-License-Identifier: MIT
// Golden files: tests/golden/config/*.conf against the diagnostics that they must give, and
// tests/golden/plan/*.conf against the text of `prologue plan`, byte for byte.
//
// The first line of a file may say how it is planned: `#! cmdline WORDS`, `#! locked`, `#! board
// NAME`. PROLOGUE_UPDATE_GOLDENS=1 in the environment writes the .expected files anew.
#include <dirent.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "tests/unit/config_text.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

std::vector<std::string> configs_in(const std::string& folder) {
    std::vector<std::string> names;
    DIR* const directory = opendir((std::string(PROLOGUE_TEST_DIR "/") + folder).c_str());
    if (directory == nullptr) return names;
    while (const dirent* entry = readdir(directory)) {
        const std::string name = entry->d_name;
        if (name.ends_with(".conf")) names.push_back(name);
    }
    closedir(directory);
    std::sort(names.begin(), names.end());
    return names;
}

bool is_updating() {
    const char* const value = std::getenv("PROLOGUE_UPDATE_GOLDENS");
    return value != nullptr && std::string_view(value) == "1";
}

void compare(const std::string& path, const std::string& actual) {
    const std::string expected_path = path.substr(0, path.size() - 5) + ".expected";
    if (is_updating()) {
        FILE* const file =
            std::fopen((std::string(PROLOGUE_TEST_DIR "/") + expected_path).c_str(), "wb");
        CHECK_MESSAGE(file != nullptr, expected_path);
        if (file == nullptr) return;
        std::fwrite(actual.data(), 1, actual.size(), file);
        std::fclose(file);
        return;
    }
    INFO(path);
    CHECK(actual == read_test_file(expected_path));
}

// The rest of the "#!" line with this word, or null.
const char* directive(const std::string& text, const std::string& word, std::string& rest) {
    const std::string mark = "#! " + word;
    if (!text.starts_with(mark)) return nullptr;
    const std::size_t end = text.find('\n');
    rest = text.substr(mark.size(), end - mark.size());
    if (rest.starts_with(' ')) rest.erase(0, 1);
    return rest.c_str();
}

void plan_file(const std::string& folder, const std::string& name, bool show_plan) {
    const std::string path = folder + "/" + name;
    const std::string text = read_test_file(path);
    std::string words;
    const bool has_words = directive(text, "cmdline", words) != nullptr;
    Planned planned(name, text, has_words ? words : "");
    std::string argument;
    if (directive(text, "locked", argument) != nullptr) planned.input.locked = true;
    if (directive(text, "board", argument) != nullptr) planned.input.board = argument;
    planned.replan();
    std::string actual = planned.messages();
    if (show_plan) {
        INFO(actual);
        CHECK_MESSAGE(planned.plan.ok(), path);
        actual += format_plan(planned.plan);
    } else {
        CHECK_MESSAGE(!actual.empty(), path);
    }
    compare(path, actual);
}

}  // namespace

TEST_CASE("golden: the diagnostics of tests/golden/config") {
    const std::vector<std::string> names = configs_in("golden/config");
    CHECK(names.size() >= 50);
    for (const std::string& name : names) plan_file("golden/config", name, false);
}

TEST_CASE("golden: the plans of tests/golden/plan") {
    const std::vector<std::string> names = configs_in("golden/plan");
    CHECK(!names.empty());
    for (const std::string& name : names) plan_file("golden/plan", name, true);
}

}  // namespace prologue::tests
