// SPDX-License-Identifier: MIT
// Mounting through libmount. Its tables (fstab, utab), its helpers (/sbin/mount.TYPE) and its own
// search for devices are off: what is mounted where is the plan's business alone.
#pragma once

#include <memory>

#include "stages/mounter.h"

namespace prologue {

class LibmountMounter final : public Mounter {
  public:
    // A request that says `rw` fails on a write-protected device; one that says neither `ro` nor
    // `rw` is mounted read-only then, as mount(8) does.
    Result<> mount(const MountRequest& request) override;
    Result<> unmount(const std::string& target) override;
};

std::unique_ptr<Mounter> make_libmount_mounter();

}  // namespace prologue
