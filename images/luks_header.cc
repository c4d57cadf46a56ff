// SPDX-License-Identifier: MIT
#include "images/luks_header.h"

#include <algorithm>

#include "images/host.h"
#include "images/json.h"
#include "init/base/split.h"

namespace prologue::images {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagic = "LUKS\xba\xbe\0"sv;
constexpr std::size_t kFirst = 4096;  // the binary header of LUKS2, and more than all of LUKS1
constexpr std::size_t kMost = 4 * 1024 * 1024;  // of a header of LUKS2 with its JSON
constexpr std::size_t kVersion = 7, kSize = 8, kSizeBytes = 8;
constexpr std::size_t kCipher = 8, kMode = 40, kField = 32;  // of LUKS1

Error unusable(const std::string& path, std::string why) {
    return Error::refused("read LUKS header", path, std::move(why));
}

// A field that ends at its first zero, or at its own end.
std::string field(std::string_view bytes, std::size_t at) {
    const std::string_view whole = bytes.substr(at, kField);
    return std::string(whole.substr(0, whole.find('\0')));
}

// Integers are in network byte order.
std::size_t size_of_header(std::string_view bytes) {
    std::size_t size = 0;
    for (const char byte : bytes.substr(kSize, kSizeBytes))
        size = size << 8 | static_cast<unsigned char>(byte);
    return size;
}

Result<std::vector<std::string>> ciphers_of_json(const std::string& path, std::string json) {
    json.resize(std::min(json.find('\0'), json.size()));
    const config::Source source{path, std::move(json)};
    config::Diagnostics diagnostics;
    const std::optional<Json> root = parse_json(source, diagnostics);
    const Json* segments = root ? root->find("segments") : nullptr;
    std::vector<std::string> ciphers;
    if (segments != nullptr) {
        for (const Json::Member& segment : segments->members) {
            const Json* cipher = segment.value.find("encryption");
            if (cipher == nullptr || cipher->kind != Json::Kind::kString) continue;
            if (std::find(ciphers.begin(), ciphers.end(), cipher->text) == ciphers.end())
                ciphers.push_back(cipher->text);
        }
    }
    if (ciphers.empty()) return fail(unusable(path, "its JSON names no cipher"));
    return ciphers;
}

}  // namespace

Result<std::vector<std::string>> ciphers_of_header(const std::string& path) {
    const std::string first = TRY(read_start(path, kFirst));
    const bool is_luks = first.size() == kFirst && first.starts_with(kMagic);
    if (is_luks && first[kVersion] == 1)
        return std::vector<std::string>{field(first, kCipher) + "-" + field(first, kMode)};
    if (!is_luks || first[kVersion] != 2)
        return fail(unusable(path, "there is no LUKS header at its start"));
    const std::size_t size = size_of_header(first);
    if (size <= kFirst || size > kMost) return fail(unusable(path, "its size is none of LUKS2"));
    std::string whole = TRY(read_start(path, size));
    if (whole.size() < size) return fail(unusable(path, "it is cut off"));
    return ciphers_of_json(path, whole.substr(kFirst));
}

std::vector<std::string> aliases_of_cipher(std::string_view cipher) {
    std::vector<std::string> aliases;
    // CIPHER-MODE-IV, each with what it is made with behind a colon. The counters among the IVs
    // (plain64) are dm-crypt's own, and no module answers to them.
    const std::string_view block = take_part(cipher, '-');
    const std::string_view mode = take_part(cipher, '-');
    std::string_view iv = cipher;
    const std::string_view generator = take_part(iv, ':');
    aliases.push_back("crypto-" + std::string(block.substr(0, block.find(':'))));
    aliases.push_back("crypto-" + std::string(mode));
    if (generator != "essiv") return aliases;
    aliases.push_back("crypto-essiv");
    if (!iv.empty()) aliases.push_back("crypto-" + std::string(iv));
    return aliases;
}

}  // namespace prologue::images
