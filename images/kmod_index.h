// SPDX-License-Identifier: MIT
// The binary index files of depmod(8) ("modules.dep.bin" and its kin): a trie of keys with their
// values. libkmod reads nothing else, it has no way to fall back to the text files, so an image
// without them loads no module. Source: kmod's libkmod-index.c and depmod.c.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace prologue::images {

// The keys of such a file, sorted. Of a damaged one those that can be reached; any bytes give an
// answer, and memory is bounded.
std::vector<std::string> index_keys(std::string_view bytes);

class KmodIndex {
  public:
    // Values of one key are kept in the order of their priority, then of their insertion. Keys with
    // bytes beyond ASCII are left out: the format has no room for them.
    void insert(std::string_view key, std::string_view value, std::uint32_t priority);
    [[nodiscard]] std::string bytes() const;

  private:
    struct Value {
        std::uint32_t priority;
        std::string text;
    };
    using Keys = std::map<std::string, std::vector<Value>, std::less<>>;
    static std::uint32_t write_node(Keys::const_iterator first, Keys::const_iterator last,
                                    std::size_t depth, std::string& out);
    Keys keys_;
};

}  // namespace prologue::images
