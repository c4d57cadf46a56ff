// SPDX-License-Identifier: MIT
#include "board/drivers.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "board/board.h"
#include "images/kernel_modules.h"
#include "images/plan_modules.h"
#include "tests/unit/image_folder.h"
#include "tests/unit/test.h"

namespace prologue::images {
namespace {

// Of Linux (drivers/ata/pata_acpi.c), and of the kernels of other distributions: Debian leaves it out. The
// others came behind Linux 6.1.
constexpr Literal kNotInBookworm[] = {
    "pata_acpi",          "xhci_pci_renesas",    "xhci_pci_prom21",
    "pinctrl_meteorlake", "pinctrl_meteorpoint", "pinctrl_intel_platform",
};

// Every name of a board, with that of its bundle.
std::vector<std::pair<std::string, std::string>> names_of(const BoardDrivers& drivers) {
    std::vector<std::pair<std::string, std::string>> names;
    for (const DriverBundle* bundle : drivers.bundles)
        for (const Literal name : bundle->modules)
            names.emplace_back(drivers.board.str() + ": " + bundle->name.str(), name.str());
    return names;
}

// The modules of an image, of a kernel that has one of each kind: "ahci.ko virtio_net.ko".
std::string packed_for(const std::string& board, const std::string& config) {
    const Folder folder;
    std::string index;
    for (const char* name : {"ahci", "iTCO_wdt", "virtio_net", "sound"}) {
        const std::string path = "kernel/" + std::string(name) + ".ko";
        folder.write("modules/6.1.0-test/" + path, module_file("6.1.0-test"));
        index += path + ":\n";
    }
    folder.write("modules/6.1.0-test/modules.dep", index);
    ImageRequest request = folder.request(config);
    request.board = board;
    const Built built(request);
    std::string names;
    for (const Entry* entry : built.archive.in_order())
        if (entry->path.ends_with(".ko"))
            names += (names.empty() ? "" : " ") + std::string(base_name(entry->path));
    return names;
}

}  // namespace

TEST_CASE(
    "drivers: a board brings its own, generic brings all, a watchdog its own where it is set") {
    const std::string lines = "modules auto\nmount /dev/vda /newroot\nswitch_root /newroot\n";
    CHECK(packed_for("pc", lines) == "ahci.ko");
    CHECK(packed_for("qemu", lines) == "virtio_net.ko");
    CHECK(packed_for("generic", lines) == "ahci.ko virtio_net.ko");
    CHECK(packed_for("", lines) == "ahci.ko virtio_net.ko");
    const std::string watched = "set watchdog 20s\n" + lines;
    CHECK(packed_for("pc", watched) == "ahci.ko iTCO_wdt.ko");
    CHECK(packed_for("", watched) == "ahci.ko iTCO_wdt.ko virtio_net.ko");
    CHECK(packed_for("", "set board pc\n" + lines) == "ahci.ko");
}

TEST_CASE("drivers: each table is a board's, and names a module once") {
    for (const BoardDrivers* drivers : driver_table()) {
        CHECK(find_board(drivers->board) != nullptr);
        std::set<std::string> seen;
        for (const auto& [bundle, name] : names_of(*drivers)) {
            CAPTURE(bundle);
            CAPTURE(name);
            CHECK(seen.insert(name).second);
            CHECK(name.find('-') == std::string::npos);
        }
    }
}

// A name that no kernel has is a mistake of the table, which an image would only lack in silence.
TEST_CASE("drivers: the kernel for real machines has every one") {
    const char* directory = std::getenv("PROLOGUE_MODULES");
    const Result<ModuleTree> tree = ModuleTree::open(directory == nullptr ? "" : directory);
    if (!tree || tree->find("ahci") == nullptr) {
        MESSAGE("this test is skipped: PROLOGUE_MODULES has no drivers of PCs");
        return;
    }
    for (const BoardDrivers* drivers : driver_table()) {
        for (const auto& [bundle, name] : names_of(*drivers)) {
            CAPTURE(bundle);
            CAPTURE(name);
            const auto* const end = std::end(kNotInBookworm);
            const bool is_here = std::find(std::begin(kNotInBookworm), end, name) == end;
            CHECK(tree->lookup(name).found() == is_here);
        }
    }
}

}  // namespace prologue::images
