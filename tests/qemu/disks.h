// SPDX-License-Identifier: MIT
// The table tests/assets/disks.tsv: the identifiers of the disks are written there and nowhere else.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace prologue::qemu_tests {

// The path of a disk image of the table.
std::string disk_file(std::string_view name);

// A copy of it in the test case's folder, to be written to; gives its path.
std::string copy_of_disk(std::string_view name);

// Writes bytes into a file that is there.
void overwrite(const std::string& path, std::size_t offset, std::string_view bytes);

// Puts the table's values into a text: "{ext4.uuid}" is column uuid of the row of disk ext4,
// "{gpt-ext4:2.partlabel}" is that of its partition 2. Columns: uuid label partuuid partlabel.
std::string with_identifiers(std::string_view text);

}  // namespace prologue::qemu_tests
