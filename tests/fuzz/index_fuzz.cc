// SPDX-License-Identifier: MIT
// The binary index files of depmod(8). As a file: any bytes give sorted keys within bounds. As lines of
// "key value": an index that is written from them reads back as its keys.
#include "images/kmod_index.h"

#include <algorithm>
#include <set>

#include "init/base/split.h"
#include "tests/fuzz/fuzz.h"

namespace prologue::fuzz {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char letter) { return letter > 0; });
}

void check_reading(std::string_view bytes) {
    const std::vector<std::string> keys = images::index_keys(bytes);
    HOLDS(std::is_sorted(keys.begin(), keys.end()));
    HOLDS(keys.size() <= bytes.size());
    std::size_t sum = 0;
    for (const std::string& key : keys) sum += key.size();
    // The last part of each key is its node's own prefix, which only it has.
    HOLDS(sum <= kMostBytes + keys.size() * 4096);
}

void check_writing(std::string_view lines) {
    images::KmodIndex index;
    std::set<std::string, std::less<>> keys;
    for (std::uint32_t priority = 0; !lines.empty(); ++priority) {
        std::string_view line = take_part(lines, '\n');
        const std::string_view key = take_part(line, ' ');
        index.insert(key, line, priority % 7);
        if (key.size() <= 1024 && is_ascii(key) && is_ascii(line)) keys.emplace(key);
    }
    const std::vector<std::string> read = images::index_keys(index.bytes());
    for (const std::string& key : keys) HOLDS(std::binary_search(read.begin(), read.end(), key));
}

}  // namespace

void fuzz_one(std::string_view input) {
    check_reading(input);
    check_writing(input);
}

}  // namespace prologue::fuzz
