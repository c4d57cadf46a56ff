// SPDX-License-Identifier: MIT
// The nearest known word to a mistyped one.
#include <algorithm>
#include <array>

#include "config/diagnostic.h"
#include "init/base/compose.h"

namespace prologue::config {
namespace {

constexpr std::size_t kLongest = 40;  // no keyword, option or setting comes near it

// Upper case and '-' for '_' are no mistakes worth a step of distance.
char folded(char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    return c == '-' ? '_' : c;
}

// Optimal string alignment: insertions, deletions, replacements, and swaps of two neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::array<std::array<std::size_t, kLongest + 1>, 3> rows{};
    for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto& row = rows[i % 3];
        const auto& above = rows[(i + 2) % 3];
        const auto& two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const char x = folded(a[i - 1]), y = folded(b[j - 1]);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (x == y ? 0u : 1u)});
            const bool swapped = i > 1 && j > 1 && x == folded(b[j - 2]) && y == folded(a[i - 2]);
            if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string_view did_you_mean(std::string_view word,
                              const std::vector<std::string_view>& candidates) {
    if (word.empty() || word.size() > kLongest) return {};
    std::size_t best = std::clamp<std::size_t>(word.size() / 3, 1, 3) + 1;
    std::string_view nearest;
    for (const std::string_view candidate : candidates) {
        if (candidate.size() > kLongest) continue;
        const std::size_t distance = edit_distance(word, candidate);
        // A word of one or two letters is "near" to anything of its length.
        if (distance >= best || distance >= word.size()) continue;
        best = distance;
        nearest = candidate;
    }
    return nearest;
}

std::string did_you_mean_hint(std::string_view word,
                              const std::vector<std::string_view>& candidates) {
    const std::string_view nearest = did_you_mean(word, candidates);
    if (nearest.empty()) return {};
    return compose("did you mean '{}'?", std::string(nearest));
}

}  // namespace prologue::config
