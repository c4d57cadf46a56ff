// SPDX-License-Identifier: MIT
#include "tests/trace/goldens.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <dirent.h>

#include "tests/trace/scenario.h"

namespace prologue::fake {
namespace {

std::string full(const std::string& path) {
    return std::string(PROLOGUE_TEST_DIR "/") + path;
}

bool is_updating() {
    const char* const value = std::getenv("PROLOGUE_UPDATE_GOLDENS");
    return value != nullptr && std::string_view(value) == "1";
}

std::string line_at(const std::string& text, std::size_t start) {
    return text.substr(start, text.find('\n', start) - start);
}

}  // namespace

std::string read_text(const std::string& path) {
    std::string text;
    FILE* const file = std::fopen(full(path).c_str(), "rb");
    if (file == nullptr) return text;
    char buffer[4096];
    std::size_t got = 0;
    while ((got = std::fread(buffer, 1, sizeof buffer, file)) != 0) text.append(buffer, got);
    std::fclose(file);
    return text;
}

std::string compare_with_golden(const std::string& path, const std::string& actual) {
    if (is_updating()) {
        FILE* const file = std::fopen(full(path).c_str(), "wb");
        if (file == nullptr) return "cannot write " + path;
        const bool written = std::fwrite(actual.data(), 1, actual.size(), file) == actual.size();
        return std::fclose(file) == 0 && written ? "" : "cannot write " + path;
    }
    const std::string expected = read_text(path);
    if (expected == actual) return {};
    const auto [a, b] =
        std::mismatch(actual.begin(), actual.end(), expected.begin(), expected.end());
    const std::string same(actual.begin(), a);
    const std::size_t start = same.rfind('\n') == std::string::npos ? 0 : same.rfind('\n') + 1;
    const auto number = 1 + std::count(same.begin(), same.end(), '\n');
    return path + ":" + std::to_string(number) + "\n  expected: " + line_at(expected, start) +
           "\n  actual:   " + line_at(actual, start) +
           "\nPROLOGUE_UPDATE_GOLDENS=1 writes it anew; look at the difference first.";
}

std::vector<Scenario> scenarios_in(const std::string& folder) {
    std::vector<Scenario> list;
    DIR* const directory = opendir(full(folder).c_str());
    if (directory == nullptr) return list;
    while (const dirent* entry = readdir(directory)) {
        const std::string name = entry->d_name;
        if (name.ends_with(".conf")) list.push_back({name, read_text(folder + "/" + name)});
    }
    closedir(directory);
    std::sort(list.begin(), list.end(),
              [](const Scenario& a, const Scenario& b) { return a.name < b.name; });
    return list;
}

}  // namespace prologue::fake
