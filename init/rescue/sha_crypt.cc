// SPDX-License-Identifier: MIT
#include "init/rescue/sha_crypt.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "config/scalar.h"
#include "init/base/compose.h"

namespace prologue::rescue {
namespace {

// The fractions of the cube roots of the first 80 primes, and of the square roots of the first 8. SHA-256
// takes the upper halves.
constexpr std::uint64_t kRoundConstants[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};
constexpr std::uint64_t kStart[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

template <class Word>
constexpr Word upper(std::uint64_t value) {
    return static_cast<Word>(value >> (64 - 8 * sizeof(Word)));
}

// How far the functions of FIPS 180-4, 4.1 turn a word.
struct Turns {
    int a[3], e[3];         // of the two big sums
    int early[3], late[3];  // of the schedule; the third is a shift
};
constexpr Turns kTurns32 = {{2, 13, 22}, {6, 11, 25}, {7, 18, 3}, {17, 19, 10}};
constexpr Turns kTurns64 = {{28, 34, 39}, {14, 18, 41}, {1, 8, 7}, {19, 61, 6}};

template <class Word>
class Sha2 {
  public:
    static constexpr std::size_t kDigest = 8 * sizeof(Word);
    using Digest = std::array<std::uint8_t, kDigest>;

    Sha2() {
        for (std::size_t i = 0; i < 8; ++i) state_[i] = upper<Word>(kStart[i]);
    }
    ~Sha2() { explicit_bzero(this, sizeof *this); }
    Sha2(const Sha2&) = delete;
    Sha2& operator=(const Sha2&) = delete;

    void add(const void* bytes, std::size_t size) {
        const auto* from = static_cast<const std::uint8_t*>(bytes);
        for (std::size_t i = 0; i < size; ++i) put(from[i]);
        total_ += size;
    }
    void add(std::string_view text) { add(text.data(), text.size()); }
    void add(const Digest& digest) { add(digest.data(), digest.size()); }
    // So many bytes of the digest, said again and again.
    void add_repeated(const Digest& digest, std::size_t size) {
        for (; size > kDigest; size -= kDigest) add(digest);
        add(digest.data(), size);
    }
    Digest finish() {
        put(0x80);
        // The length has two words, of which 64 bits are enough here.
        while (used_ != kBlock - 2 * sizeof(Word)) put(0);
        while (used_ != kBlock - 8) put(0);
        for (unsigned shift = 64; shift != 0; shift -= 8)
            put(static_cast<std::uint8_t>((total_ * 8) >> (shift - 8)));
        Digest digest;
        for (std::size_t i = 0; i < kDigest; ++i) {
            const std::size_t shift = 8 * (sizeof(Word) - 1 - i % sizeof(Word));
            digest[i] = static_cast<std::uint8_t>(state_[i / sizeof(Word)] >> shift);
        }
        return digest;
    }

  private:
    static constexpr std::size_t kBlock = 16 * sizeof(Word);
    static constexpr std::size_t kRounds = sizeof(Word) == 4 ? 64 : 80;
    static constexpr const Turns& kTurns = sizeof(Word) == 4 ? kTurns32 : kTurns64;

    void put(std::uint8_t byte) {
        block_[used_++] = byte;
        if (used_ != kBlock) return;
        used_ = 0;
        mix();
    }
    static Word sum(Word x, const int (&turns)[3]) {
        return std::rotr(x, turns[0]) ^ std::rotr(x, turns[1]) ^ std::rotr(x, turns[2]);
    }
    static Word schedule(Word x, const int (&turns)[3]) {
        return std::rotr(x, turns[0]) ^ std::rotr(x, turns[1]) ^ (x >> turns[2]);
    }
    void expand(Word (&words)[kRounds]) const {
        for (std::size_t i = 0; i < 16; ++i) {
            words[i] = 0;
            for (std::size_t j = 0; j < sizeof(Word); ++j)
                words[i] = static_cast<Word>((words[i] << 8) | block_[i * sizeof(Word) + j]);
        }
        for (std::size_t i = 16; i < kRounds; ++i) {
            words[i] = schedule(words[i - 2], kTurns.late) + words[i - 7] +
                       schedule(words[i - 15], kTurns.early) + words[i - 16];
        }
    }
    // FIPS 180-4, 6.2.2 and 6.4.2.
    void mix() {
        Word words[kRounds];
        expand(words);
        Word s[8];
        std::copy(std::begin(state_), std::end(state_), s);
        for (std::size_t i = 0; i < kRounds; ++i) {
            const Word choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
            const Word majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
            const Word first =
                s[7] + sum(s[4], kTurns.e) + choice + upper<Word>(kRoundConstants[i]) + words[i];
            const Word second = sum(s[0], kTurns.a) + majority;
            std::copy_backward(s, s + 7, s + 8);
            s[4] += first;
            s[0] = first + second;
        }
        for (std::size_t i = 0; i < 8; ++i) state_[i] += s[i];
        explicit_bzero(words, sizeof words);
        explicit_bzero(s, sizeof s);
    }

    Word state_[8];
    std::uint8_t block_[kBlock];
    std::size_t used_ = 0;
    std::uint64_t total_ = 0;  // bytes
};

// What stands between the method and the hash.
struct Setting {
    std::string_view prefix;  // "$6$", "$6$rounds=1000$"
    std::string_view salt;
    std::uint64_t rounds = 5000;
};

Setting read_setting(std::string_view hash) {
    constexpr std::string_view kRounds = "rounds=";
    Setting setting;
    std::string_view rest = hash.substr(3);
    if (rest.starts_with(kRounds)) {
        const std::string number(rest.substr(kRounds.size(), rest.find('$') - kRounds.size()));
        setting.rounds = std::clamp<std::uint64_t>(config::parse_number(number).value_or(5000),
                                                   1000, 999'999'999);
        rest.remove_prefix(std::min(rest.find('$'), rest.size() - 1) + 1);
    }
    setting.prefix = hash.substr(0, hash.size() - rest.size());
    setting.salt = rest.substr(0, std::min<std::size_t>(rest.find('$'), 16));
    return setting;
}

template <class Hash>
typename Hash::Digest first_digest(std::string_view password, std::string_view salt) {
    Hash other;
    other.add(password);
    other.add(salt);
    other.add(password);
    const typename Hash::Digest alternate = other.finish();
    Hash hash;
    hash.add(password);
    hash.add(salt);
    hash.add_repeated(alternate, password.size());
    for (std::size_t bits = password.size(); bits != 0; bits >>= 1) {
        if ((bits & 1) != 0) {
            hash.add(alternate);
        } else {
            hash.add(password);
        }
    }
    return hash.finish();
}

template <class Hash>
typename Hash::Digest digest_of(std::string_view text, std::size_t times) {
    Hash hash;
    for (; times != 0; --times) hash.add(text);
    return hash.finish();
}

template <class Hash>
typename Hash::Digest compute(std::string_view password, const Setting& setting) {
    using Digest = typename Hash::Digest;
    Digest digest = first_digest<Hash>(password, setting.salt);
    Digest p = digest_of<Hash>(password, password.size());
    const Digest s = digest_of<Hash>(setting.salt, 16U + digest[0]);
    for (std::uint64_t round = 0; round < setting.rounds; ++round) {
        Hash hash;
        const bool odd = round % 2 != 0;
        if (odd) hash.add_repeated(p, password.size());
        if (!odd) hash.add(digest);
        if (round % 3 != 0) hash.add_repeated(s, setting.salt.size());
        if (round % 7 != 0) hash.add_repeated(p, password.size());
        if (odd) hash.add(digest);
        if (!odd) hash.add_repeated(p, password.size());
        digest = hash.finish();
    }
    explicit_bzero(p.data(), p.size());
    return digest;
}

void append_letters(std::string& text, unsigned bits, int count) {
    constexpr char kLetters[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (; count != 0; --count, bits >>= 6) text += kLetters[bits & 63];
}

// Three bytes at a time, far apart in the digest, the lowest six bits first.
template <class Digest>
std::string letters_of(const Digest& digest) {
    constexpr bool kLong = std::tuple_size_v<Digest> == 64;
    constexpr unsigned kTriples = kLong ? 21 : 10;
    std::string text;
    unsigned a = 0, b = kTriples, c = 2 * kTriples;
    for (unsigned i = 0; i < kTriples; ++i) {
        append_letters(text, (unsigned{digest[a]} << 16) | (unsigned{digest[b]} << 8) | digest[c],
                       4);
        const unsigned old[] = {a, b, c};
        a = old[kLong ? 1 : 2] + 1;
        b = old[kLong ? 2 : 0] + 1;
        c = old[kLong ? 0 : 1] + 1;
    }
    if (kLong) {
        append_letters(text, digest[63], 2);
    } else {
        append_letters(text, (unsigned{digest[31]} << 8) | digest[30], 3);
    }
    return text;
}

}  // namespace

std::string sha_crypt(std::string_view password, std::string_view hash) {
    const bool is_long = hash.starts_with("$6$");
    if (!is_long && !hash.starts_with("$5$")) return {};
    const Setting setting = read_setting(hash);
    std::string text = compose("{}{}$", std::string(setting.prefix), std::string(setting.salt));
    if (is_long) return text + letters_of(compute<Sha2<std::uint64_t>>(password, setting));
    return text + letters_of(compute<Sha2<std::uint32_t>>(password, setting));
}

}  // namespace prologue::rescue
