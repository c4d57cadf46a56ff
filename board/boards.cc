// SPDX-License-Identifier: MIT
#include "board/boards.h"

#include "config/diagnostic.h"
#include "init/base/error.h"

namespace prologue {
namespace {

constexpr const Board* kTable[] = {&kQemuBoard, &kPcBoard, &kGenericBoard};
constexpr Literal kValueNames[] = {"name", "vendor", "product", "version", "serial"};

// /sys/class/dmi/id, filled from SMBIOS type 1 (drivers/firmware/dmi-id.c).
struct DmiValue {
    Literal key, file;
};
constexpr DmiValue kDmiValues[] = {
    {"vendor", "/sys/class/dmi/id/sys_vendor"},
    {"product", "/sys/class/dmi/id/product_name"},
    {"version", "/sys/class/dmi/id/product_version"},
    {"serial", "/sys/class/dmi/id/product_serial"},
};

}  // namespace

std::string read_board_line(Sys& sys, Literal path) {
    const Result<std::string> text = sys.read_file(path.str(), 4096);
    if (!text) return {};  // not every machine has SMBIOS; an absent value is an empty one
    return text->substr(0, text->find('\n'));
}

std::span<const Board* const> board_table() {
    return kTable;
}

const Board* find_board(std::string_view name) {
    for (const Board* board : kTable) {
        if (board->name == name) return board;
    }
    return nullptr;
}

std::string hint_for_unknown_board(std::string_view name) {
    std::vector<std::string_view> names;
    for (const Board* board : kTable) names.push_back(board->name);
    std::string hint = config::did_you_mean_hint(name, names);
    if (!hint.empty()) return hint;
    hint = "boards:";
    for (const std::string_view one : names) hint.append(" ").append(one);
    return hint;
}

const Board& detect_board(Sys& sys) {
    for (const Board* board : kTable) {
        if (board->detect(sys)) return *board;
    }
    return kGenericBoard;
}

std::span<const Literal> board_value_names() {
    return kValueNames;
}

std::vector<config::NamedValue> read_board_values(const Board& board, Sys& sys) {
    std::vector<config::NamedValue> values = {{"name", board.name.str()}};
    for (const DmiValue& value : kDmiValues) {
        values.push_back({value.key.str(), read_board_line(sys, value.file)});
    }
    return values;
}

}  // namespace prologue
