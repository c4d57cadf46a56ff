// SPDX-License-Identifier: MIT
// What a kernel file says of itself, and what is said of a file that is none.
#include "images/kernel_image.h"

#include "images/kernel_config.h"
#include "tests/unit/kernel_maker.h"

namespace prologue::images {
namespace {

std::string error_of(std::string_view bytes, std::size_t limit = kMaxKernelBytes) {
    const Result<KernelImage> image = read_kernel_image(bytes, limit);
    return image ? "none" : image.error()->detail;
}

}  // namespace

TEST_CASE("kernel: its version, its magic and its config are found in every compression") {
    for (const Compression compression : {Compression::kNone, Compression::kGzip, Compression::kXz,
                                          Compression::kZstd, Compression::kLz4}) {
        KernelRecipe recipe;
        recipe.compression = compression;
        recipe.config = "CONFIG_EXT4_FS=y\n";
        const Result<KernelImage> image = read_kernel_image(kernel_file(recipe));
        REQUIRE_OK(image);
        CAPTURE(std::string(name_of(compression)));
        CHECK(image->version == "6.1.0-test");
        CHECK(image->vermagic == "6.1.0-test SMP mod_unload ");
        CHECK(image->config == "CONFIG_EXT4_FS=y\n");
        CHECK(image->sealed == "");
        CHECK(image->is_64_bit);
    }
}

TEST_CASE("kernel: one without a config and without modules says neither") {
    KernelRecipe recipe;
    recipe.flags = "is nothing of the kind";
    const Result<KernelImage> image = read_kernel_image(kernel_file(recipe));
    REQUIRE_OK(image);
    CHECK(image->vermagic == "");
    CHECK(image->config == "");
}

TEST_CASE("kernel: a randomised one has its seed in the magic") {
    KernelRecipe recipe;
    recipe.flags = "SMP preempt mod_unload modversions RANDSTRUCT_0123abcd";
    const Result<KernelImage> image = read_kernel_image(kernel_file(recipe));
    REQUIRE_OK(image);
    CHECK(image->vermagic == "6.1.0-test " + recipe.flags);
}

TEST_CASE("kernel: a compression that is only known by name leaves the version") {
    const Result<KernelImage> image = read_kernel_image(kernel_around("6.1.0-test", "BZh91AY&SY"));
    REQUIRE_OK(image);
    CHECK(image->version == "6.1.0-test");
    CHECK(image->sealed == "compressed with bzip2, which cannot be unpacked here");
}

TEST_CASE("kernel: a 32-bit one is told") {
    std::string bytes = kernel_file();
    put_le(bytes, 0x236, 0, 2);
    const Result<KernelImage> image = read_kernel_image(bytes);
    REQUIRE_OK(image);
    CHECK(!image->is_64_bit);
}

TEST_CASE("kernel: what is none is refused") {
    for (const std::string& bytes : {std::string(), std::string(4096, '\0'), std::string("MZ"),
                                     kernel_file().substr(0, 0x24f)})
        CHECK(error_of(bytes) == "is no kernel of x86 (bzImage)");
    CHECK(error_of(program()) == "is an ELF file, such as vmlinux, and no bzImage");
    std::string old = kernel_file();
    put_le(old, 0x206, 0x207, 2);
    CHECK(error_of(old) == "it is older than Linux 2.6.24");
}

TEST_CASE("kernel: damage is an error wherever it lies") {
    const std::string whole = kernel_file();
    CHECK(error_of(whole.substr(0, whole.size() - 1)).starts_with("it is cut off: "));
    std::string bytes = whole;
    put_le(bytes, 0x20e, 0xffff, 2);
    CHECK(error_of(bytes) == "it does not say its version");
    bytes = whole;
    bytes[0x400] = '\x1b';
    CHECK(error_of(bytes) == "it does not say its version");
    bytes = whole;
    put_le(bytes, 0x248, 0xfffffff0, 4);
    CHECK(error_of(bytes).starts_with("it is cut off: "));
    bytes = whole;
    bytes[3 * 512 + 16] = 'x';
    CHECK(error_of(bytes) == "its compressed part is damaged");
    bytes = whole;
    bytes[bytes.size() - 12] = static_cast<char>(bytes[bytes.size() - 12] ^ 0x55);
    CHECK(error_of(bytes).starts_with("its compressed part: "));
    CHECK(error_of(whole, 100) == "its compressed part: larger than the limit");
    CHECK(error_of(kernel_around("6.1", compress_gzip("no ELF").value_or(""))) ==
          "its compressed part holds no kernel");
}

TEST_CASE("kernel config: what it sets, and what it does not name") {
    const KernelConfig config("here",
                              "CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=\"y\"\n");
    CHECK(config.setting("A") == Setting::kYes);
    CHECK(config.setting("B") == Setting::kModule);
    for (const char* symbol : {"C", "D", "E"}) CHECK(config.setting(symbol) == Setting::kNo);
    CHECK(is_kernel_config("# Linux\nCONFIG_A=y\n"));
    CHECK(!is_kernel_config("CONFIG_A\n"));
    CHECK(!is_kernel_config(""));
}

}  // namespace prologue::images
