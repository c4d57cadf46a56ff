// SPDX-License-Identifier: MIT
// board/generic: any machine that no other board recognises. Its drivers are those of the disks,
// the buses they hang on and the keyboards of common PCs and virtual machines.
#include "board/boards.h"

namespace prologue {
namespace {

// clang-format off
constexpr Literal kModules[] = {
    // Disks and their controllers.
    "ahci", "ata_piix", "ata_generic", "pata_acpi", "pata_amd", "pata_via", "sata_nv", "sata_sil",
    "sata_sil24", "sata_sis", "sata_uli", "sata_via", "nvme", "vmd", "sd_mod", "sr_mod",
    "aacraid", "hpsa", "smartpqi", "megaraid_sas", "mpt3sas", "mptsas", "mptspi", "sym53c8xx", "isci",
    "sdhci_pci", "sdhci_acpi", "rtsx_pci_sdmmc", "rtsx_usb_sdmmc", "mmc_block",
    "xhci_pci", "ehci_pci", "ohci_pci", "uhci_hcd", "usb_storage", "uas",
    // Of other hypervisors.
    "hv_vmbus", "hv_storvsc", "vmw_pvscsi", "xen_blkfront",
    // Keyboards, for a passphrase and the rescue shell.
    "i8042", "atkbd", "usbhid", "hid_generic", "hid_apple", "hid_cherry", "hid_logitech_dj",
    "hid_logitech_hidpp", "hid_microsoft", "hid_lenovo", "i2c_hid_acpi", "intel_lpss_pci",
    "i2c_designware_platform", "hyperv_keyboard",
};
// clang-format on

bool detect_generic(Sys&) {
    return true;
}

}  // namespace

constinit const Board kGenericBoard = {
    "generic", "any machine: nothing is assumed of it", kModules, detect_generic, nullptr, nullptr,
    nullptr};

}  // namespace prologue
