// SPDX-License-Identifier: MIT
// The hardware of PCs as QEMU has it, on the generic kernel of Debian: an image without a config finds the
// root by its UUID wherever it hangs, with the drivers of what is there.
#include <doctest/doctest.h>

#include "tests/qemu/hardware.h"
#include "tests/qemu/person.h"

namespace prologue::qemu_tests {
namespace {

// It ends in the root, which lies on `source`.
void check_root(const Transcript& text, const std::string& source, Where where = Where::current()) {
    check_hand_over(text, where);
    text.has("guest: root fstype=ext4 source=" + source + " *", where);
}

void check_boot(const Boot& it, const std::string& source, Where where = Where::current()) {
    if (has_drivers()) check_root(boot(it, End::kPowerOff, where), source, where);
}

}  // namespace

TEST_CASE("hardware: a root on AHCI") {
    check_boot(boot_on({"ext4", "ide-hd,bus=ide.0"}, {"-M", "q35"}), "/dev/sda");
}

TEST_CASE("hardware: a root on IDE") {
    check_boot(boot_on({"ext4", "ide-hd,bus=ide.1"}, {"-M", "pc"}), "/dev/sda");
}

TEST_CASE("hardware: a root on the second of two AHCI controllers") {
    Boot it =
        boot_on({"ext4", "ide-hd,bus=second.0"}, {"-M", "q35", "-device", "ich9-ahci,id=second"});
    it.disks.push_back({"ext4-noinit", "ide-hd,bus=ide.0"});
    check_boot(it, "/dev/sd*");
}

TEST_CASE("hardware: a partition of an NVMe disk with sectors of 4096 bytes, behind a PCI bridge") {
    Boot it = boot_on(
        {"gpt4k-ext4", "nvme,serial=1,bus=bridge,logical_block_size=4096,physical_block_size=4096"},
        {"-M", "q35", "-device", "pcie-root-port,id=bridge,chassis=1"});
    it.words = "prologue.on-failure=poweroff root=UUID={gpt4k-ext4:2.uuid}";
    check_boot(it, "/dev/nvme0n1p2");
}

TEST_CASE("hardware: a USB stick on xHCI") {
    check_boot(boot_on({"ext4", "usb-storage"}, {"-M", "q35", "-device", "qemu-xhci"}), "/dev/sda");
}

TEST_CASE("hardware: a USB stick on EHCI") {
    check_boot(boot_on({"ext4", "usb-storage"}, {"-M", "pc", "-device", "usb-ehci"}), "/dev/sda");
}

TEST_CASE("hardware: a USB disk by UAS, on xHCI and on EHCI") {
    for (const std::string controller : {"qemu-xhci", "usb-ehci"}) {
        CAPTURE(controller);
        check_boot(boot_on({"ext4", "scsi-hd,bus=uas.0"},
                           {"-M", "q35", "-device", controller, "-device", "usb-uas,id=uas"}),
                   "/dev/sda");
    }
}

TEST_CASE("hardware: a USB stick that is plugged in while it is waited for") {
    if (!has_drivers()) return;
    Boot it = boot_on({"ext4", ""}, {"-M", "q35", "-device", "qemu-xhci"});
    it.words += " prologue.log=debug";
    Vm vm(machine_of(it));
    if (!vm.wait_for("prologue: line *: find *: begins, within *")) return;
    must(vm,
         R"({"execute": "device_add", "arguments": {"driver": "usb-storage", "drive": "drive0"}})");
    vm.finish();
    check_end(vm, End::kPowerOff);
    check_root(vm.transcript(), "/dev/sda");
}

TEST_CASE("hardware: an SD card") {
    check_boot(boot_on({"ext4", "sd-card"}, {"-M", "q35", "-device", "sdhci-pci"}), "/dev/mmcblk0");
}

TEST_CASE("hardware: a SCSI disk on controllers of VMware and LSI") {
    for (const std::string controller : {"pvscsi", "lsi53c895a", "megasas"}) {
        CAPTURE(controller);
        check_boot(boot_on({"ext4", "scsi-hd"}, {"-M", "pc", "-device", controller}), "/dev/sda");
    }
}

TEST_CASE("hardware: sixteen disks, and the root is the last") {
    Boot it = boot_on({"ext4", "scsi-hd,scsi-id=15"}, {"-M", "q35", "-device", "virtio-scsi-pci"});
    for (int id = 0; id < 15; ++id)
        it.disks.push_back({"nonformatted", "scsi-hd,scsi-id=" + std::to_string(id)});
    check_boot(it, "/dev/sd*");
}

TEST_CASE("hardware: the power button of a PC while a passphrase is asked for") {
    if (!has_drivers()) return;
    Boot it = boot_with_screen("q35", {});
    Vm vm(machine_of(it));
    std::size_t from = 0;
    if (!vm.wait_for_text(kAsked, from)) return;
    must(vm, kPressPower);
    vm.finish();
    check_end(vm, End::kPowerOff);
    vm.transcript().has("prologue: powering off (power button)");
}

// Without the hypervisor's signature, and with the maker of a machine in its SMBIOS table.
TEST_CASE("hardware: the board pc is told by SMBIOS") {
    if (!has_drivers()) return;
    Boot it =
        boot_on({"ext4", "ide-hd,bus=ide.0"}, {"-M", "q35", "-cpu", "qemu64,-hypervisor", "-smbios",
                                               "type=1,manufacturer=Acme,product=Anvil"});
    it.config =
        "modules auto\nwrite when=board:pc /dev/kmsg \"${board.name}: ${board.product} of "
        "${board.vendor}\"\nmount UUID={ext4.uuid} /newroot\nswitch_root /newroot\n";
    const Transcript text = boot(it);
    text.has("pc: Anvil of Acme");
    check_root(text, "/dev/sda");
}

TEST_CASE("hardware: `modules auto` brings the chipset's watchdog where the config wants one") {
    if (!has_drivers()) return;
    Boot it = boot_on({"ext4", "ide-hd,bus=ide.0"}, {"-M", "q35"});
    it.config =
        "set watchdog 30s handover=stop\nmodules auto\nmount UUID={ext4.uuid} /newroot\n"
        "switch_root /newroot\n";
    const Transcript text = boot(it);
    text.has("prologue: watchdog iTCO_wdt, 30 s");
    check_root(text, "/dev/sda");
}

}  // namespace prologue::qemu_tests
