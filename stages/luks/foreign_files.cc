// SPDX-License-Identifier: MIT
#include "stages/luks/foreign_files.h"

#include "stages/luks.h"
#include "stages/stages.h"

namespace prologue {
namespace {

constexpr char kPlace[] = "/run/prologue.key";

}  // namespace

ForeignFiles::~ForeignFiles() {
    if (!mounted_) return;
    (void)context_.sys.unmount(kPlace, 0);  // it ends with this process at the latest
    (void)context_.sys.remove_dir(kPlace);
}

Result<> ForeignFiles::mount(const std::string& spec) {
    const Device device = TRY(resolve_device(spec, context_, true));
    if (device.fstype.empty()) {
        return fail(
            Error::refused("unlock", device.path, "holds no filesystem to read a file from"));
    }
    TRY_VOID(context_.decrypt->keys.make_mounts_private());
    TRY_VOID(make_dirs(kPlace, context_.sys));
    TRY_VOID(load_driver(device.fstype, context_));
    MountRequest request{device.path, kPlace, device.fstype, "ro,nosuid,nodev,noexec"};
    TRY_VOID(context_.mounter.mount(request));
    mounted_ = true;
    return {};
}

std::string ForeignFiles::path_of(const std::string& file) const {
    return kPlace + file;
}

}  // namespace prologue
