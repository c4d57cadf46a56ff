// SPDX-License-Identifier: MIT
#include "tests/qemu/screen.h"

#include <chrono>
#include <cstdio>

#include "tests/qemu/boot.h"
#include "tests/qemu/files.h"

namespace prologue::qemu_tests {
namespace {

using namespace std::string_literals;

constexpr std::size_t kColumns = 80, kRows = 25, kGlyphBytes = 16;
constexpr std::chrono::milliseconds kBetweenPictures{200};
// The first two of 256 characters: nothing, and the smiling face of code page 437.
const std::string kFontStart = std::string(kGlyphBytes, '\0') +
                               "\x00\x00\x7e\x81\xa5\x81\x81\xbd\x99\x81\x81\x7e\x00\x00\x00\x00"s;

// What QEMU writes into a file, by a command that takes one.
std::string file_by(Vm& vm, const std::string& command, const std::string& arguments) {
    const std::string path = work_folder() + "/" + command;
    must(vm, R"({"execute": ")" + command + R"(", "arguments": {"filename": ")" + path + "\"" +
                 arguments + "}}");
    return read_file(path);
}

// A picture of 24 bits a pixel.
struct Picture {
    unsigned width = 0, height = 0;
    std::string pixels;
};

// Source: ppm(5), as QEMU writes it.
Picture read_ppm(const std::string& bytes) {
    Picture picture;
    int start = 0;
    if (std::sscanf(bytes.c_str(), "P6 %u %u 255%n", &picture.width, &picture.height, &start) == 2)
        picture.pixels = bytes.substr(static_cast<std::size_t>(start) + 1);
    return picture;
}

// The bits of a character as a font has them: text is grey on black. A ninth column of pixels, which
// fonts do not have, is left out.
std::string glyph_at(const Picture& picture, std::size_t row, std::size_t column) {
    std::string glyph(kGlyphBytes, '\0');
    const std::size_t cell = picture.width / kColumns;
    for (std::size_t y = 0; y < kGlyphBytes; ++y) {
        unsigned bits = 0;
        for (std::size_t x = 0; x < 8; ++x) {
            const std::size_t pixel = (row * kGlyphBytes + y) * picture.width + column * cell + x;
            bits = bits * 2 + (picture.pixels[pixel * 3] != '\0' ? 1 : 0);
        }
        glyph[y] = static_cast<char>(bits);
    }
    return glyph;
}

bool is_text(const Picture& picture) {
    return picture.width / kColumns >= 8 && picture.height == kRows * kGlyphBytes &&
           picture.pixels.size() >= std::size_t{3} * picture.width * picture.height;
}

}  // namespace

// The video BIOS lies where it has done since the first VGA.
void Screen::read_font() {
    const std::string rom = file_by(vm_, "pmemsave", R"(, "val": 786432, "size": 65536)");
    const std::size_t start = rom.find(kFontStart);
    if (start == std::string::npos) return;
    for (char letter = ' '; letter <= '~'; ++letter)
        font_.emplace(
            rom.substr(start + static_cast<std::size_t>(letter) * kGlyphBytes, kGlyphBytes),
            letter);
}

const std::vector<std::string>& Screen::look() {
    rows_.clear();
    if (font_.empty()) read_font();
    const Picture picture = read_ppm(file_by(vm_, "screendump", ""));
    if (!is_text(picture)) return rows_;
    for (std::size_t row = 0; row < kRows; ++row) {
        std::string text;
        for (std::size_t column = 0; column < kColumns; ++column) {
            const auto found = font_.find(glyph_at(picture, row, column));
            text += found == font_.end() ? '?' : found->second;
        }
        rows_.push_back(text.substr(0, text.find_last_not_of(' ') + 1));
    }
    return rows_;
}

std::size_t Screen::count(std::string_view text) const {
    std::size_t found = 0;
    for (const std::string& row : rows_) found += row.starts_with(text) ? 1 : 0;
    return found;
}

bool Screen::wait_for(std::string_view text, std::size_t times, Where where) {
    std::string last;
    while (vm_.runs_for(kBetweenPictures)) {
        last.clear();
        for (const std::string& row : look()) last += row + "\n";
        if (count(text) >= times) return true;
    }
    fail_at(where, "not on the screen: '" + std::string(text) + "'; the last picture:\n" + last);
    return false;
}

}  // namespace prologue::qemu_tests
