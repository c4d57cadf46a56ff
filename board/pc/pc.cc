// SPDX-License-Identifier: MIT
// board/pc: real PCs on x86_64, and the virtual machines of other hypervisors that look like one.
// Source: Linux drivers/firmware/dmi-id.c, Documentation/ABI/testing/sysfs-firmware-efi.
//
// Nothing here is about consoles, reset or power: console= and the kernel's own reset and power-off
// methods (ACPI, EFI, the keyboard controller; `reboot=` of its command line chooses) do all of it.
#include "board/boards.h"

namespace prologue {
namespace {

// The firmware of a PC has an SMBIOS table, or is UEFI. Servers of ARM have both as well.
bool detect_pc([[maybe_unused]] Sys& sys) {
#if defined(__x86_64__)
    return sys.stat("/sys/class/dmi/id").has_value() || sys.stat("/sys/firmware/efi").has_value();
#else
    return false;
#endif
}

// clang-format off
constexpr Literal kDiskModules[] = {
    "ahci", "ata_piix", "ata_generic", "pata_acpi", "pata_amd", "pata_via", "pata_atiixp",
    "pata_jmicron", "pata_marvell", "sata_mv", "sata_nv", "sata_promise", "sata_sil", "sata_sil24",
    "sata_sis", "sata_uli", "sata_via", "nvme", "vmd", "sd_mod", "sr_mod",
};
constexpr Literal kServerDiskModules[] = {
    "aacraid", "arcmsr", "hpsa", "isci", "megaraid_sas", "mpi3mr", "mpt3sas", "mptsas", "mptspi",
    "mvsas", "smartpqi", "sym53c8xx", "3w_9xxx", "3w_sas",
};
// From Linux 6.12 xhci_pci leaves controllers of Renesas to a driver of their own, and from 7.2 those of
// AMD's PROM21. Card readers on USB that ums_realtek drives are none of usb_storage's.
constexpr Literal kUsbDiskModules[] = {
    "xhci_pci", "xhci_pci_renesas", "xhci_pci_prom21", "ehci_pci", "ohci_pci", "uhci_hcd",
    "usb_storage", "uas", "ums_realtek",
};
constexpr Literal kCardModules[] = {
    "sdhci_pci", "sdhci_acpi", "rtsx_pci_sdmmc", "rtsx_usb_sdmmc", "via_sdmmc", "mmc_block",
    "ufshcd_pci",
};
// Of Hyper-V, VMware and Xen; KVM has virtio.
constexpr Literal kCloudModules[] = {
    "hv_vmbus", "hv_storvsc", "pci_hyperv", "hyperv_keyboard", "vmw_pvscsi", "xen_blkfront",
};
// hid_generic leaves those alone that the kernel knows a special driver for.
// Source: hid_have_special_driver[] of drivers/hid/hid-quirks.c.
constexpr Literal kKeyboardModules[] = {
    "i8042", "atkbd", "usbhid", "hid_generic", "hid_a4tech", "hid_apple", "hid_asus", "hid_belkin",
    "hid_cherry", "hid_chicony", "hid_corsair", "hid_cypress", "hid_ezkey", "hid_gyration",
    "hid_holtek_kbd", "hid_ite", "hid_keytouch", "hid_lenovo", "hid_logitech", "hid_logitech_dj",
    "hid_logitech_hidpp", "hid_macally", "hid_maltron", "hid_microsoft", "hid_monterey",
    "hid_ortek", "hid_petalynx", "hid_primax", "hid_redragon", "hid_roccat_arvo",
    "hid_roccat_isku", "hid_roccat_ryos", "hid_samsung", "hid_semitek", "hid_sunplus",
    "hid_topseed", "hid_vivaldi", "hid_zydacron",
};
// Of laptops: the bus, its interrupts by GPIO, the keyboard.
constexpr Literal kI2cKeyboardModules[] = {
    "i2c_hid_acpi", "intel_lpss_pci", "i2c_designware_platform", "pinctrl_alderlake",
    "pinctrl_elkhartlake", "pinctrl_jasperlake", "pinctrl_lakefield", "pinctrl_meteorlake",
    "pinctrl_meteorpoint", "pinctrl_intel_platform",
};
// On SPI in MacBooks of 2015 to 2017, behind the aggregator of Surface laptops.
constexpr Literal kOtherKeyboardModules[] = {
    "applespi", "spi_pxa2xx_platform", "8250_dw", "surface_aggregator",
    "surface_aggregator_registry", "surface_hid",
};
// clang-format on
constexpr Literal kPowerButtonModules[] = {"button", "evdev"};

constexpr DriverBundle kDisks = {"Disks", kDiskModules};
constexpr DriverBundle kServerDisks = {"SAS, RAID and SCSI", kServerDiskModules};
constexpr DriverBundle kUsbDisks = {"USB disks", kUsbDiskModules};
constexpr DriverBundle kCards = {"Memory cards and soldered flash", kCardModules};
constexpr DriverBundle kClouds = {"Other hypervisors", kCloudModules};
constexpr DriverBundle kKeyboards = {"Keyboards", kKeyboardModules};
constexpr DriverBundle kI2cKeyboards = {"Keyboards on I2C", kI2cKeyboardModules};
constexpr DriverBundle kOtherKeyboards = {"Other keyboards", kOtherKeyboardModules};
constexpr DriverBundle kPowerButton = {"Power button", kPowerButtonModules};
constexpr const DriverBundle* kBundles[] = {
    &kDisks,     &kServerDisks,  &kUsbDisks,       &kCards,       &kVirtioDisks, &kClouds,
    &kKeyboards, &kI2cKeyboards, &kOtherKeyboards, &kPowerButton, &kWatchdogs};

}  // namespace

constinit const Board kPcBoard = {
    "pc", "PCs, and virtual machines that look like one", detect_pc, nullptr, nullptr, nullptr};
constinit const BoardDrivers kPcDrivers = {"pc", kBundles};

}  // namespace prologue
