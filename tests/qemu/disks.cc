// SPDX-License-Identifier: MIT
#include "tests/qemu/disks.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include <doctest/doctest.h>
#include <unistd.h>

#include "tests/qemu/files.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

using Row = std::vector<std::string>;

constexpr std::string_view kColumns[] = {"name", "part", "start", "size",     "fs",
                                         "tree", "uuid", "label", "partuuid", "partlabel"};

// One or more tabs between columns.
Row split_row(std::string_view line) {
    Row row;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find('\t'), line.size());
        if (end != 0) row.emplace_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return row;
}

std::vector<Row> read_table() {
    std::vector<Row> rows;
    const std::string text = read_file(PROLOGUE_DISK_TABLE);
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        if (!line.empty() && line[0] != '#') rows.push_back(split_row(line));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return rows;
}

// "ext4.uuid" or "gpt-ext4:2.uuid"
std::string look_up(std::string_view place) {
    static const std::vector<Row> table = read_table();
    const std::size_t dot = std::min(place.find('.'), place.size());
    const std::string_view disk = place.substr(0, dot);
    const std::size_t colon = std::min(disk.find(':'), disk.size());
    const std::string_view part = colon == disk.size() ? "-" : disk.substr(colon + 1);
    const auto column = std::find(std::begin(kColumns), std::end(kColumns),
                                  dot == place.size() ? place : place.substr(dot + 1));
    const auto index = static_cast<std::size_t>(column - std::begin(kColumns));
    for (const Row& row : table)
        if (index < row.size() && row[0] == disk.substr(0, colon) && row[1] == part)
            return row[index];
    FAIL_CHECK("disks.tsv has no ", std::string(place));
    return "?";
}

}  // namespace

std::string disk_file(std::string_view name) {
    const std::string path = settings().disks + "/" + std::string(name) + ".img";
    if (access(path.c_str(), R_OK) != 0) FAIL_CHECK("no disk ", path, ": tests/run makes it");
    return path;
}

std::string copy_of_disk(std::string_view name) {
    const std::string path = work_folder() + "/" + std::string(name) + ".img";
    const ProgramEnd end = run_program({"cp", "--sparse=always", disk_file(name), path});
    if (end.status != 0) FAIL_CHECK("cannot copy a disk: ", end.output);
    return path;
}

void overwrite(const std::string& path, std::size_t offset, std::string_view bytes) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(offset));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) FAIL_CHECK("cannot write to ", path);
}

std::string with_identifiers(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
        // "${name}" belongs to the config's own language.
        const bool own = end != std::string_view::npos && (at == 0 || text[at - 1] != '$');
        if (own) {
            result += look_up(text.substr(at + 1, end - at - 1));
            at = end + 1;
        } else {
            result += text[at++];
        }
    }
    return result;
}

}  // namespace prologue::qemu_tests
