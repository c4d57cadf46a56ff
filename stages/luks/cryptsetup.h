// SPDX-License-Identifier: MIT
// An opened LUKS header behind libcryptsetup. Nothing else of the program includes that library.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "init/base/sys.h"
#include "stages/luks.h"

struct crypt_device;

namespace prologue {

struct CryptDeleter {
    void operator()(crypt_device* device) const;
};
using Crypt = std::unique_ptr<crypt_device, CryptDeleter>;

class CryptsetupVolume final : public LuksVolume {
  public:
    // Reads the header that the request speaks of.
    static Result<std::unique_ptr<LuksVolume>> open(const LuksRequest& request, Sys& sys);
    // What open() makes; public for std::make_unique alone.
    CryptsetupVolume(Crypt crypt, LuksRequest request, Sys& sys)
        : crypt_(std::move(crypt)), request_(std::move(request)), sys_(sys) {}

    [[nodiscard]] std::string describe() const override;
    Result<bool> unlock(const Secret& key) override;
    [[nodiscard]] std::string left_out() const override { return left_out_; }

    struct Slot {
        int number;
        // That its key derivation takes; 0 where it takes none to speak of.
        std::uint64_t memory_kib;
    };
    // The slots that a key is tried on, in this order. kRefused when there is none.
    [[nodiscard]] Result<std::vector<Slot>> slots() const;

  private:
    [[nodiscard]] std::uint32_t flags() const;
    Result<bool> unlock_slot(const Slot& slot, const Secret& key);
    [[nodiscard]] Error explain(int errnum, const Slot& slot) const;

    Crypt crypt_;
    LuksRequest request_;
    Sys& sys_;
    std::string left_out_;
};

}  // namespace prologue
