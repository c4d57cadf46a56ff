// SPDX-License-Identifier: MIT
#include "images/kmod_index.h"

#include <algorithm>
#include <optional>

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

constexpr std::uint32_t kOffsetBits = 0x0FFFFFFF;
constexpr std::size_t kMaxKeyBytes = 4096;
// All keys together. Of Debian's kernel modules.alias.bin, the largest of them, has 3 MiB of them.
constexpr std::size_t kMaxAllBytes = std::size_t{64} << 20;

struct Node {
    std::uint32_t offset = 0;  // with its flags
    std::string key;           // up to the node
};

// The big-endian number at `at`; 0, which no node has as its offset, behind the end.
std::uint32_t read_be32(std::string_view bytes, std::size_t at) {
    if (at > bytes.size() || bytes.size() - at < 4) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

// The nodes that are still to be read. Each offset counts once: in a damaged file a node may be its own
// child, or have many parents.
class Nodes {
  public:
    explicit Nodes(std::size_t bytes) : seen_(bytes, false) {}
    void add(std::uint32_t offset, std::string key) {
        const std::size_t at = offset & kOffsetBits;
        if (at >= seen_.size() || seen_[at] || key.size() > kMaxAllBytes - used_) return;
        seen_[at] = true;
        used_ += key.size();
        rest_.push_back({offset, std::move(key)});
    }
    std::optional<Node> take() {
        if (rest_.empty()) return std::nullopt;
        Node node = std::move(rest_.back());
        rest_.pop_back();
        return node;
    }

  private:
    std::vector<bool> seen_;
    std::vector<Node> rest_;
    std::size_t used_ = 0;  // bytes of keys so far
};

// Adds the children of a node, and gives its own key when it has a value.
std::optional<std::string> read_node(std::string_view bytes, Node node, Nodes& nodes) {
    std::size_t at = node.offset & kOffsetBits;
    if ((node.offset & kHasPrefix) != 0) {
        const std::size_t end = bytes.find('\0', at);
        if (end == std::string_view::npos || end - at > kMaxKeyBytes) return std::nullopt;
        node.key += bytes.substr(at, end - at);
        at = end + 1;
    }
    if (node.key.size() > kMaxKeyBytes) return std::nullopt;
    if ((node.offset & kHasChildren) != 0 && at + 2 <= bytes.size()) {
        const auto first = static_cast<unsigned char>(bytes[at]);
        const auto last = static_cast<unsigned char>(bytes[at + 1]);
        at += 2;
        for (unsigned letter = first; letter <= last; ++letter, at += 4)
            if (const std::uint32_t child = read_be32(bytes, at); child != 0)
                nodes.add(child, node.key + static_cast<char>(letter));
    }
    if ((node.offset & kHasValues) == 0) return std::nullopt;
    return std::move(node.key);
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char letter) { return letter > 0; });
}

}  // namespace

std::vector<std::string> index_keys(std::string_view bytes) {
    std::vector<std::string> keys;
    if (read_be32(bytes, 0) != kMagic || (read_be32(bytes, 4) >> 16) != (kVersion >> 16))
        return keys;
    Nodes nodes(bytes.size());
    nodes.add(read_be32(bytes, 8), {});
    while (std::optional<Node> node = nodes.take()) {
        if (std::optional<std::string> key = read_node(bytes, std::move(*node), nodes))
            keys.push_back(std::move(*key));
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}

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
