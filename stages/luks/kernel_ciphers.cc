// SPDX-License-Identifier: MIT
// Source: Linux crypto/Kconfig, proc(5) on /proc/crypto.
#include "stages/luks/kernel_ciphers.h"

#include "init/base/compose.h"
#include "init/base/split.h"

namespace prologue {
namespace {

struct Part {
    Literal name, listed, module, option;
};
// `listed` is how a line "name : …" of /proc/crypto begins once the part is there.
constexpr Part kParts[] = {
    {"aes", "aes", "aes_generic", "CONFIG_CRYPTO_AES"},
    {"serpent", "serpent", "serpent_generic", "CONFIG_CRYPTO_SERPENT"},
    {"twofish", "twofish", "twofish_generic", "CONFIG_CRYPTO_TWOFISH"},
    {"camellia", "camellia", "camellia_generic", "CONFIG_CRYPTO_CAMELLIA"},
    {"xts", "xts(", "xts", "CONFIG_CRYPTO_XTS"},
    {"cbc", "cbc(", "cbc", "CONFIG_CRYPTO_CBC"},
    {"ctr", "ctr(", "ctr", "CONFIG_CRYPTO_CTR"},
    {"lrw", "lrw(", "lrw", "CONFIG_CRYPTO_LRW"},
    {"xchacha12,aes", "xchacha12", "chacha_generic", "CONFIG_CRYPTO_CHACHA20"},
    {"xchacha20,aes", "xchacha20", "chacha_generic", "CONFIG_CRYPTO_CHACHA20"},
    {"adiantum", "adiantum(", "adiantum", "CONFIG_CRYPTO_ADIANTUM"},
    {"essiv:sha256", "sha256", "sha256_generic", "CONFIG_CRYPTO_SHA256"},
    {"essiv:sha256", "essiv(", "essiv", "CONFIG_CRYPTO_ESSIV"},
};

}  // namespace

std::string hint_for_cipher(const std::string& cipher, Sys& sys) {
    constexpr std::size_t kLimit = std::size_t{256} * 1024;
    const Result<std::string> listed = sys.read_file("/proc/crypto", kLimit);
    if (!listed) return {};
    std::string_view rest = cipher;
    while (!rest.empty()) {
        const std::string_view word = take_part(rest, '-');
        for (const Part& part : kParts) {
            if (part.name.view() != word) continue;
            if (listed->find(": " + part.listed.str()) != std::string::npos) continue;
            return compose("the kernel has no {}: its module is '{}', its option {}",
                           std::string(word), part.module.str(), part.option.str());
        }
    }
    return {};
}

}  // namespace prologue
