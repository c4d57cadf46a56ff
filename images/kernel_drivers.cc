// SPDX-License-Identifier: MIT
#include "images/kernel_drivers.h"

#include <algorithm>

#include "images/modinfo.h"
#include "stages/stage.h"

namespace prologue::images {
namespace {

struct Row {
    Literal name, symbol;
};

// A driver and what it is called in a kernel's config. Source: the Kconfig files of Linux 6.12.
constexpr Row kFilesystems[] = {
    {"9p", "9P_FS"},         {"bcachefs", "BCACHEFS_FS"}, {"btrfs", "BTRFS_FS"},
    {"cramfs", "CRAMFS"},    {"ecryptfs", "ECRYPT_FS"},   {"efivarfs", "EFIVAR_FS"},
    {"erofs", "EROFS_FS"},   {"exfat", "EXFAT_FS"},       {"ext4", "EXT4_FS"},
    {"f2fs", "F2FS_FS"},     {"fuse", "FUSE_FS"},         {"iso9660", "ISO9660_FS"},
    {"jfs", "JFS_FS"},       {"msdos", "MSDOS_FS"},       {"nfs", "NFS_FS"},
    {"nilfs2", "NILFS2_FS"}, {"ntfs3", "NTFS3_FS"},       {"overlay", "OVERLAY_FS"},
    {"romfs", "ROMFS_FS"},   {"squashfs", "SQUASHFS"},    {"ubifs", "UBIFS_FS"},
    {"udf", "UDF_FS"},       {"vfat", "VFAT_FS"},         {"virtiofs", "VIRTIO_FS"},
    {"xfs", "XFS_FS"},
};
constexpr Row kModules[] = {
    {"ahci", "SATA_AHCI"},           {"dm_crypt", "DM_CRYPT"},     {"dm_mod", "BLK_DEV_DM"},
    {"loop", "BLK_DEV_LOOP"},        {"mmc_block", "MMC_BLOCK"},   {"nvme", "BLK_DEV_NVME"},
    {"qemu_fw_cfg", "FW_CFG_SYSFS"}, {"sd_mod", "BLK_DEV_SD"},     {"usb_storage", "USB_STORAGE"},
    {"virtio_blk", "VIRTIO_BLK"},    {"virtio_pci", "VIRTIO_PCI"}, {"virtio_scsi", "SCSI_VIRTIO"},
    {"xhci_pci", "USB_XHCI_PCI"},
};

template <std::size_t kSize>
std::string_view symbol_in(const Row (&rows)[kSize], std::string_view name) {
    for (const Row& row : rows)
        if (row.name.view() == name) return row.symbol;
    return {};
}

std::string_view symbol_of(const ModuleWish& wish) {
    // The name of a filesystem's module is nearly always its type.
    const std::string name = normalise_module_name(wish.name);
    const std::string_view of_type = symbol_in(kFilesystems, wish.name);
    return wish.filesystem || !of_type.empty() ? of_type : symbol_in(kModules, name);
}

}  // namespace

KernelDrivers::KernelDrivers(const CheckedImage& image, const KernelFile& kernel)
    : kernel_(&kernel) {
    const auto modules = image.modules.find(kernel.image.version);
    if (modules != image.modules.end()) modules_ = &modules->second;
    auto carried = carried_modules(image.tree);
    const auto found = carried.find(kernel.image.version);
    if (found != carried.end()) carried_ = std::move(found->second);
}

// A file that the index does not know cannot be loaded, and the other way round.
bool KernelDrivers::is_in_image(std::string_view name) const {
    if (modules_ == nullptr || !carried_.has_module(name)) return false;
    const std::string normal = normalise_module_name(name);
    const bool is_name =
        std::find(carried_.names.begin(), carried_.names.end(), normal) != carried_.names.end();
    return !is_name ||
           std::any_of(modules_->begin(), modules_->end(),
                       [&](const ImageModule& module) { return module.name == normal; });
}

bool KernelDrivers::is_built_in(std::string_view name) const {
    return carried_.has_built_in(name) ||
           std::binary_search(kernel_->built_in.begin(), kernel_->built_in.end(),
                              normalise_module_name(name));
}

bool KernelDrivers::can_mount_a_disk() const {
    const auto any_alias = [](const std::vector<std::string>& aliases) {
        return std::any_of(aliases.begin(), aliases.end(), is_alias_of_disk);
    };
    const std::vector<std::string>& built_in = kernel_->built_in;
    return any_alias(carried_.aliases) || any_alias(carried_.built_in_aliases) ||
           std::any_of(built_in.begin(), built_in.end(), is_disk_filesystem);
}

DriverPlace KernelDrivers::by_config(const ModuleWish& wish) const {
    const std::string_view symbol = symbol_of(wish);
    const bool knows_names = !kernel_->built_in.empty() || !carried_.built_in.empty();
    if (!kernel_->config || symbol.empty()) {
        // What is built in under another name than its filesystem's says so only by an alias, and an
        // old kernel has no list of these.
        if (wish.filesystem || !knows_names) return {};
        return {DriverPlace::Kind::kMissing, "the image does not have it, and it is not built in"};
    }
    const std::string name = "CONFIG_" + std::string(symbol);
    switch (kernel_->config->setting(symbol)) {
        case Setting::kYes: return {DriverPlace::Kind::kBuiltIn, {}};
        case Setting::kModule:
            return {DriverPlace::Kind::kMissing, "it is a module (" + name + "=m in " +
                                                     kernel_->config->name() +
                                                     "), which the image does not have"};
        case Setting::kNo: break;
    }
    return {DriverPlace::Kind::kMissing,
            "it is built without (" + name + " is not set in " + kernel_->config->name() + ")"};
}

DriverPlace KernelDrivers::find(const ModuleWish& wish) const {
    const std::string alias = "fs-" + wish.name;
    if (is_in_image(wish.name) || (wish.filesystem && is_in_image(alias)))
        return {DriverPlace::Kind::kInImage, {}};
    if (is_built_in(wish.name) || (wish.filesystem && is_built_in(alias)))
        return {DriverPlace::Kind::kBuiltIn, {}};
    return by_config(wish);
}

}  // namespace prologue::images
