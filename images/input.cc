// SPDX-License-Identifier: MIT
#include "images/input.h"

#include "config/lexer.h"
#include "images/cpio_reader.h"
#include "images/host.h"

namespace prologue::images {
namespace {

// What people have lying beside their configs and images, by its first bytes. A config is text:
// none of these can begin one.
struct Kind {
    std::string_view start, name;
};
constexpr Kind kForeign[] = {
    {"\x7f"
     "ELF",
     "an ELF file"},
    {"MZ", "a kernel or an EFI program"},
    {"QFI\xfb", "a qcow2 disk"},
};

std::string_view foreign_kind(std::string_view data) {
    for (const Kind& kind : kForeign)
        if (data.starts_with(kind.start)) return kind.name;
    return {};
}

Unexpected refused(const Input& input, std::string why, std::string hint) {
    return fail(Error::refused("read", input.name, std::move(why)).with_hint(std::move(hint)));
}

std::string_view noun_of(Wanted wanted) {
    switch (wanted) {
        case Wanted::kConfig: return "no config";
        case Wanted::kImage: return "no image";
        case Wanted::kEither: break;
    }
    return "neither a config nor an image";
}

Result<> check_kind(const Input& input, Wanted wanted) {
    const std::string_view foreign = foreign_kind(input.data);
    const std::string no = " and " + std::string(noun_of(wanted));
    if (!foreign.empty())
        return refused(input, "is " + std::string(foreign) + no,
                       "a config is text, an image what 'prologue initramfs' makes of it");
    if (wanted == Wanted::kConfig && input.is_image)
        return refused(input, "is an image" + no,
                       "'prologue check IMAGE' checks one with the config in it, 'prologue list "
                       "IMAGE' shows it");
    if (wanted != Wanted::kImage || input.is_image) return {};
    if (input.data.empty()) return refused(input, "is empty", {});
    const bool is_text =
        input.data.size() <= config::kMaxSourceBytes && input.data.find('\0') == std::string::npos;
    if (!is_text) return refused(input, "is neither a cpio archive nor a compressed one", {});
    return refused(input, "is a text file" + no,
                   "'prologue check CONF' checks a config, 'prologue initramfs CONF -o OUT' makes "
                   "an image");
}

}  // namespace

Result<Input> read_input(const std::string& path, Wanted wanted) {
    Input input;
    input.name = path == "-" ? std::string(kStandardInput) : path;
    input.data = TRY(path == "-" ? read_standard_input() : read_file(path));
    input.is_image = looks_like_image(input.data);
    TRY_VOID(check_kind(input, wanted));
    return input;
}

}  // namespace prologue::images
