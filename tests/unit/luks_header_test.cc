// SPDX-License-Identifier: MIT
#include "images/luks_header.h"

#include "tests/unit/image_folder.h"
#include "tests/unit/test.h"

namespace prologue::images {
namespace {

using namespace std::string_view_literals;

std::string luks1(std::string_view cipher, std::string_view mode) {
    std::string bytes(4096, '\0');
    bytes.replace(0, 8, "LUKS\xba\xbe\0\x01"sv);
    bytes.replace(8, cipher.size(), cipher);
    bytes.replace(40, mode.size(), mode);
    return bytes;
}

std::string luks2(std::string_view json) {
    std::string bytes(16384, '\0');
    bytes.replace(0, 8, "LUKS\xba\xbe\0\x02"sv);
    bytes[14] = '\x40';
    bytes.replace(4096, json.size(), json);
    return bytes;
}

Result<std::vector<std::string>> ciphers(const std::string& bytes) {
    const Folder folder;
    folder.write("header", bytes);
    return ciphers_of_header(folder.at("header"));
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("LUKS header: the cipher of the data") {
    const auto old = ciphers(luks1("aes", "cbc-essiv:sha256"));
    REQUIRE_OK(old);
    CHECK(*old == List{"aes-cbc-essiv:sha256"});
    const auto now = ciphers(luks2(R"({"keyslots":{"0":{"area":{"encryption":"aes-xts-plain64"}}},)"
                                   R"("segments":{"0":{"encryption":"serpent-xts-plain64"},)"
                                   R"("1":{"encryption":"serpent-xts-plain64"}}})"));
    REQUIRE_OK(now);
    CHECK(*now == List{"serpent-xts-plain64"});
}

TEST_CASE("LUKS header: what is none is refused") {
    CHECK_FALSE(ciphers("").has_value());
    CHECK_FALSE(ciphers(std::string(4096, 'x')).has_value());
    CHECK_FALSE(ciphers(luks2("{}")).has_value());
    CHECK_FALSE(ciphers(luks2("no JSON")).has_value());
    CHECK_FALSE(ciphers(luks2("{}").substr(0, 8192)).has_value());
    std::string huge = luks2("{}");
    huge[8] = '\x7f';
    CHECK_FALSE(ciphers(huge).has_value());
    CHECK_FALSE(ciphers_of_header("/nowhere").has_value());
}

TEST_CASE("LUKS header: what the kernel asks for") {
    CHECK(aliases_of_cipher("aes-xts-plain64") == List{"crypto-aes", "crypto-xts"});
    CHECK(aliases_of_cipher("aes-cbc-essiv:sha256") ==
          List{"crypto-aes", "crypto-cbc", "crypto-essiv", "crypto-sha256"});
}

}  // namespace prologue::images
