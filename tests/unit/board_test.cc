// SPDX-License-Identifier: MIT
#include "board/board.h"

#include <cerrno>

#include "acme.h"
#include "board/boards.h"
#include "config/line.h"
#include "tests/trace/fakes.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

constexpr std::string_view kItem = "/sys/firmware/qemu_fw_cfg/by_name/opt/prologue/config/raw";

}  // namespace

TEST_CASE("board: the last one fits every machine") {
    fake::FakeSys sys;
    CHECK(board_table().back() == &kGenericBoard);
    CHECK(kGenericBoard.detect(sys));
    for (const Board* board : board_table()) {
        CHECK(find_board(board->name) == board);
        CHECK_FALSE(board->summary.empty());
    }
    CHECK(find_board("no such board") == nullptr);
}

TEST_CASE("board: QEMU says who it is in SMBIOS") {
    fake::FakeSys sys;
    sys.root().add_file("/sys/class/dmi/id/sys_vendor", "QEMU\n");
    CHECK(&detect_board(sys) == &kQemuBoard);
}

TEST_CASE("board: a PC has an SMBIOS table or is UEFI, and QEMU's are none") {
    for (const char* sign :
         {"/sys/class/dmi/id/chassis_type", "/sys/firmware/efi/fw_platform_size"}) {
        CAPTURE(sign);
        fake::FakeSys sys;
        CHECK_FALSE(kPcBoard.detect(sys));
        sys.root().add_file(sign, "64\n");
#if defined(__x86_64__)
        CHECK(kPcBoard.detect(sys));
#else
        CHECK_FALSE(kPcBoard.detect(sys));
#endif
        sys.root().add_file("/sys/class/dmi/id/sys_vendor", "QEMU\n");
        CHECK(&detect_board(sys) == &kQemuBoard);
    }
}

// Its text is taken from there: see unit/readme_board.cmake.
TEST_CASE("board: the one that board/README.md shows works as it stands there") {
    fake::FakeSys sys;
    CHECK_FALSE(kAcmeBoard.detect(sys));
    sys.root().add_file("/sys/class/dmi/id/sys_vendor", "Acme\n");
    sys.root().add_file("/sys/class/dmi/id/product_name", "Control Box\n");
    CHECK(kAcmeBoard.detect(sys));
    CHECK(kAcmeDrivers.board == kAcmeBoard.name);
    CHECK(kAcmeDrivers.bundles.front()->modules.front() == Literal("ahci"));
}

TEST_CASE("board: values are first lines, and a missing one is empty") {
    fake::FakeSys sys;
    sys.root().add_file("/sys/class/dmi/id/sys_vendor", "Made Up\nsecond line\n");
    sys.root().add_file("/sys/class/dmi/id/product_name", "");
    const auto values = read_board_values(kGenericBoard, sys);
    CHECK(values.size() == board_value_names().size());
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(board_value_names()[i] == values[i].name);
    CHECK(values[0].value == "generic");
    CHECK(values[1].value == "Made Up");
    CHECK(values[2].value.empty());
}

TEST_CASE("board: a config from fw_cfg, none, and one that cannot be read") {
    fake::Machine machine;
    fake::FakeModules modules(machine);
    machine.modules = {"qemu_fw_cfg"};
    auto config = kQemuBoard.outside_config(machine.sys, modules);
    CHECK((config && !*config));
    machine.sys.root().add_file(std::string(kItem), "reboot\n");
    config = kQemuBoard.outside_config(machine.sys, modules);
    CHECK((config && *config && **config == "reboot\n"));
    machine.sys.set_fault({0, "read", 3, EIO});  // the third one from the start
    config = kQemuBoard.outside_config(machine.sys, modules);
    CHECK((!config && config.error()->errnum == EIO));
    machine.sys.root().add_file(std::string(kItem), std::string(config::kMaxSourceBytes + 1, '#'));
    config = kQemuBoard.outside_config(machine.sys, modules);
    CHECK((!config && config.error()->errnum == EFBIG));
}

TEST_CASE("board: an image without the driver is not asked for a config") {
    fake::FakeSys sys;
    CHECK_FALSE(kQemuBoard.may_have_config(sys));
    sys.root().add_file("/lib/modules/6.1.0-8/kernel/drivers/firmware/qemu_fw_cfg.ko", "ELF");
    CHECK_FALSE(kQemuBoard.may_have_config(sys));
    sys.root().add_file("/lib/modules/6.1.0-9/kernel/drivers/firmware/qemu_fw_cfg.ko", "ELF");
    CHECK(kQemuBoard.may_have_config(sys));
    fake::FakeSys builtin;
    builtin.root().add_dir("/sys/firmware/qemu_fw_cfg");
    CHECK(kQemuBoard.may_have_config(builtin));
}

TEST_CASE("board: a driver that does not load is an error") {
    fake::Machine machine;
    machine.modules = {"qemu_fw_cfg"};
    machine.sys.set_fault({0, "modprobe", 1, ENODEV});
    fake::FakeModules modules(machine);
    const auto config = kQemuBoard.outside_config(machine.sys, modules);
    CHECK((!config && config.error()->errnum == ENODEV));
}

TEST_CASE("board: no test device is touched unless the command line asks") {
    if (kQemuBoard.end_test == nullptr) return;
    kQemuBoard.end_test(config::CommandLine::parse("quiet"), true);
    kQemuBoard.end_test(config::CommandLine::parse("prologue.debug-exit=nonsense"), true);
    kQemuBoard.end_test(config::CommandLine::parse("prologue.debug-exit=70000"), false);
}

}  // namespace prologue::tests
