// SPDX-License-Identifier: MIT
// Source: libcryptsetup.h of 2.6; Linux Documentation/admin-guide/device-mapper/dm-crypt.rst.
#include "stages/luks/cryptsetup.h"

#include <cerrno>

#include <libcryptsetup.h>

#include "init/base/compose.h"
#include "stages/luks/kernel_ciphers.h"

namespace prologue {
namespace {

// What libcryptsetup says of its last failure. It never speaks of keys; its debug messages, which
// show the header, are not asked for.
std::string& last_message() {
    static std::string* message = nullptr;
    if (message == nullptr) message = new std::string();
    return *message;
}

void keep_message(int level, const char* text, void*) {
    if (level != CRYPT_LOG_ERROR) return;
    std::string& message = last_message();
    message = text;
    while (message.ends_with('\n') || message.ends_with('.')) message.pop_back();
}

Error failed(Literal op, int result, const std::string& object) {
    return Error::system(op, -result, object).with_detail(last_message());
}

std::string mebibytes(std::uint64_t kib) {
    return std::to_string(kib / 1024) + " MiB";
}

std::uint64_t free_memory_kib(Sys& sys) {
    constexpr std::string_view kKey = "MemAvailable:";
    const Result<std::string> text = sys.read_file("/proc/meminfo", 8192);
    if (!text) return UINT64_MAX;  // unknown: the kernel will say it in its own way
    const std::size_t at = text->find(kKey);
    if (at == std::string::npos) return UINT64_MAX;
    return std::strtoull(text->c_str() + at + kKey.size(), nullptr, 10);
}

}  // namespace

void CryptDeleter::operator()(crypt_device* device) const {
    crypt_free(device);
}

Result<std::unique_ptr<LuksVolume>> CryptsetupVolume::open(const LuksRequest& request, Sys& sys) {
    crypt_set_log_callback(nullptr, keep_message, nullptr);
    // Nobody else is there to write to a header.
    (void)crypt_metadata_locking(nullptr, 0);
    const bool detached = !request.header.empty();
    const std::string& where = detached ? request.header : request.device;
    crypt_device* raw = nullptr;
    int result =
        crypt_init_data_device(&raw, where.c_str(), detached ? request.device.c_str() : nullptr);
    Crypt crypt(raw);
    if (result < 0) return fail(failed("open LUKS header", result, where));
    result = crypt_load(crypt.get(), CRYPT_LUKS, nullptr);
    if (result < 0) {
        // EINVAL is all that it says of what is no header, or of two that are damaged.
        return fail(Error::refused("open LUKS header", where,
                                   result == -EINVAL ? "there is no LUKS header that can be used"
                                                     : describe_errno(-result))
                        .with_note(last_message().empty() ? "libcryptsetup says no more"
                                                          : "libcryptsetup: " + last_message())
                        .with_hint(detached ? "is it the header of this disk, whole?"
                                            : "a detached header is named with header="));
    }
    return std::make_unique<CryptsetupVolume>(std::move(crypt), request, sys);
}

std::string CryptsetupVolume::describe() const {
    return compose("{}, {}-{}", std::string(crypt_get_type(crypt_.get())),
                   crypt_get_cipher(crypt_.get()), crypt_get_cipher_mode(crypt_.get()));
}

// The slots that a key is tried on, in the order in which libcryptsetup itself would.
Result<std::vector<CryptsetupVolume::Slot>> CryptsetupVolume::slots() const {
    std::vector<Slot> slots;
    const int most = crypt_keyslot_max(crypt_get_type(crypt_.get()));
    for (const auto priority :
         {CRYPT_SLOT_PRIORITY_PREFER, CRYPT_SLOT_PRIORITY_NORMAL, CRYPT_SLOT_PRIORITY_IGNORE}) {
        for (int number = 0; number < most; ++number) {
            if (request_.key_slot && *request_.key_slot != number) continue;
            if (!request_.key_slot && priority == CRYPT_SLOT_PRIORITY_IGNORE) continue;
            const crypt_keyslot_info status = crypt_keyslot_status(crypt_.get(), number);
            // An unbound slot keeps a key that is not this disk's.
            if (status != CRYPT_SLOT_ACTIVE && status != CRYPT_SLOT_ACTIVE_LAST) continue;
            if (crypt_keyslot_get_priority(crypt_.get(), number) != priority) continue;
            crypt_pbkdf_type cost{};
            const bool known = crypt_keyslot_get_pbkdf(crypt_.get(), number, &cost) == 0;
            slots.push_back({number, known ? cost.max_memory_kb : 0});
        }
    }
    if (!slots.empty()) return slots;
    const std::string which = request_.key_slot ? compose("key slot {} holds no key of it",
                                                          std::to_string(*request_.key_slot))
                                                : "no key slot holds a key of it";
    return fail(Error::refused("unlock", request_.device, which)
                    .with_hint("'cryptsetup luksDump' lists the slots"));
}

// Discards tell who sees the disk what is unused, so that the config says it, not the header.
std::uint32_t CryptsetupVolume::flags() const {
    std::uint32_t flags = 0;
    if (crypt_persistent_flags_get(crypt_.get(), CRYPT_FLAGS_ACTIVATION, &flags) != 0) flags = 0;
    flags &= ~static_cast<std::uint32_t>(CRYPT_ACTIVATE_ALLOW_DISCARDS);
    if (request_.discard) flags |= CRYPT_ACTIVATE_ALLOW_DISCARDS;
    return flags | CRYPT_ACTIVATE_IGNORE_PERSISTENT;
}

Error CryptsetupVolume::explain(int errnum, const Slot& slot) const {
    if (errnum == EEXIST) {
        return Error::refused("unlock", request_.device,
                              compose("a mapping '{}' is there already", request_.name));
    }
    const std::string cipher = compose("{}-{}", std::string(crypt_get_cipher(crypt_.get())),
                                       crypt_get_cipher_mode(crypt_.get()));
    Error error = failed("unlock", -errnum, compose("{} ({})", request_.device, describe()));
    std::string missing = hint_for_cipher(cipher, sys_);
    if (!missing.empty()) return std::move(error).with_hint(std::move(missing));
    if (errnum == ENOENT || errnum == ENOTSUP) {
        error->hint = compose("the cipher or hash of key slot {} is not known here; AES is",
                              std::to_string(slot.number));
    }
    return error;
}

Result<bool> CryptsetupVolume::unlock_slot(const Slot& slot, const Secret& key) {
    last_message().clear();
    const int result =
        crypt_activate_by_passphrase(crypt_.get(), request_.name.c_str(), slot.number,
                                     key.bytes().data(), key.bytes().size(), flags());
    if (result >= 0) return true;
    if (result == -EPERM) return false;
    return fail(explain(-result, slot));
}

Result<bool> CryptsetupVolume::unlock(const Secret& key) {
    left_out_.clear();
    const std::vector<Slot> all = TRY(slots());
    const std::uint64_t free = free_memory_kib(sys_);
    std::size_t tried = 0;
    for (const Slot& slot : all) {
        if (slot.memory_kib > free) {
            left_out_ = compose(
                "key slot {} was left out: its key derivation takes {} of memory, and {} are free",
                std::to_string(slot.number), mebibytes(slot.memory_kib), mebibytes(free));
            continue;
        }
        ++tried;
        if (TRY(unlock_slot(slot, key))) return true;
    }
    if (tried != 0) return false;
    return fail(Error::refused("unlock", request_.device, left_out_)
                    .with_hint("give the slot a smaller cost where there is more memory: "
                               "'cryptsetup luksConvertKey --pbkdf-memory'"));
}

}  // namespace prologue
