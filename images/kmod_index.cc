// SPDX-License-Identifier: MIT
#include "images/kmod_index.h"

#include <algorithm>

namespace prologue::images {
namespace {

constexpr std::uint32_t kMagic = 0xB007F457;
constexpr std::uint32_t kVersion = 0x00020001;
constexpr std::uint32_t kHasPrefix = 0x80000000;
constexpr std::uint32_t kHasValues = 0x40000000;
constexpr std::uint32_t kHasChildren = 0x20000000;

void put_be32(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        out += static_cast<char>(static_cast<unsigned char>(value >> shift));
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char letter) { return letter > 0; });
}

}  // namespace

void KmodIndex::insert(std::string_view key, std::string_view value, std::uint32_t priority) {
    if (!is_ascii(key) || !is_ascii(value)) return;
    std::vector<Value>& values = keys_[std::string(key)];
    const auto place = std::find_if(values.begin(), values.end(), [priority](const Value& other) {
        return other.priority > priority;
    });
    values.insert(place, {priority, std::string(value)});
}

// Writes the subtree of the keys in [first, last), which agree in their first `depth` bytes,
// children before their parent as depmod does, and gives the node's offset with its flags.
std::uint32_t KmodIndex::write_node(Keys::const_iterator first, Keys::const_iterator last,
                                    std::size_t depth, std::string& out) {
    // Sorted keys share what their first and last ones share.
    const std::string& low = first->first;
    const std::string& high = std::prev(last)->first;
    std::size_t end = depth;
    while (end < low.size() && end < high.size() && low[end] == high[end]) ++end;

    auto next = first;
    const bool has_value = low.size() == end;
    if (has_value) ++next;
    std::vector<std::uint32_t> children;
    unsigned char first_child = 0;
    unsigned char last_child = 0;
    while (next != last) {
        const unsigned char letter = static_cast<unsigned char>(next->first[end]);
        const auto stop = std::find_if(next, last, [&](const auto& pair) {
            return static_cast<unsigned char>(pair.first[end]) != letter;
        });
        if (children.empty()) first_child = letter;
        last_child = letter;
        children.resize(static_cast<std::size_t>(letter - first_child) + 1, 0);
        children.back() = write_node(next, stop, end + 1, out);
        next = stop;
    }

    std::uint32_t offset = static_cast<std::uint32_t>(out.size());
    if (end > depth) {
        out.append(low, depth, end - depth).append(1, '\0');
        offset |= kHasPrefix;
    }
    if (!children.empty()) {
        out += static_cast<char>(first_child);
        out += static_cast<char>(last_child);
        for (const std::uint32_t child : children) put_be32(out, child);
        offset |= kHasChildren;
    }
    if (has_value) {
        put_be32(out, static_cast<std::uint32_t>(first->second.size()));
        for (const Value& value : first->second) {
            put_be32(out, value.priority);
            out.append(value.text).append(1, '\0');
        }
        offset |= kHasValues;
    }
    return offset;
}

std::string KmodIndex::bytes() const {
    std::string out;
    put_be32(out, kMagic);
    put_be32(out, kVersion);
    put_be32(out, 0);
    // An empty index has a root without flags, right behind the header.
    std::uint32_t root = static_cast<std::uint32_t>(out.size());
    if (!keys_.empty()) root = write_node(keys_.begin(), keys_.end(), 0, out);
    std::string tail;
    put_be32(tail, root);
    out.replace(8, 4, tail);
    return out;
}

}  // namespace prologue::images
