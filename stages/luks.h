// SPDX-License-Identifier: MIT
// What the stage `decrypt` needs of the machine besides the other seams: libcryptsetup, key files,
// and a person at a console.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "init/base/clock.h"
#include "init/base/error.h"
#include "stages/secret.h"

namespace prologue {

struct LuksRequest {
    std::string device;  // the data: /dev/vda
    std::string header;  // a detached header's file or device; empty = on the device itself
    std::string name;    // of the mapping: /dev/mapper/NAME
    std::optional<int> key_slot;  // none = any
    bool discard = false;
};

// An opened header.
class LuksVolume {
  public:
    virtual ~LuksVolume() = default;
    // "LUKS2, aes-xts-plain64".
    [[nodiscard]] virtual std::string describe() const = 0;
    // Tries the key on the key slots and makes the mapping with its node. False when no slot takes it.
    // kRefused: the mapping's name is in use, or every slot's cost is beyond the free memory.
    virtual Result<bool> unlock(const Secret& key) = 0;
    // What the last unlock() could not try, for the error of one who has no other key: "key slot 1 was
    // left out: …"; empty = nothing.
    [[nodiscard]] virtual std::string left_out() const = 0;
};

class Luks {
  public:
    virtual ~Luks() = default;
    // Keeps this process out of core dumps and away from debuggers.
    virtual Result<> protect_process() = 0;
    // Reads and checks the header. kRefused when there is none that can be used.
    virtual Result<std::unique_ptr<LuksVolume>> open(const LuksRequest& request) = 0;
    // Leaves the record by which udev of the real root takes the mapping for ready, once its table
    // is live.
    virtual Result<> announce(const std::string& name) = 0;
    // Gives a mapping and its node another name. EBUSY when that is taken.
    virtual Result<> rename(const std::string& name, const std::string& new_name) = 0;
    // Removes the mapping; success when there is none.
    virtual Result<> close(const std::string& name) = 0;
};

struct KeyFile {
    std::string path;
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> size;  // none = to the end
};

class KeySource {
  public:
    virtual ~KeySource() = default;
    // A file longer than 8 MiB, or shorter than what was asked for, is kRefused, as is one that
    // destroy() has taken.
    virtual Result<Secret> read(const KeyFile& file) = 0;
    // Overwrites a regular file of the root filesystem and removes it: true. What lies on another
    // filesystem, or is not there, stays as it is: false.
    virtual Result<bool> destroy(const std::string& path) = 0;
    // From now on, mounts of this process are its own and end with it.
    virtual Result<> make_mounts_private() = 0;
};

// What a person is asked for and where.
struct Question {
    std::string text;                   // "Passphrase for /dev/vda (3 tries left): "
    std::vector<std::string> consoles;  // without /dev/; empty = all active ones
    Instant deadline;
};

class Prompter {
  public:
    virtual ~Prompter() = default;
    // One line from whichever console gives it first, without echo; an empty one is asked for again.
    // kTimeout when the deadline passes, kNotFound when there is no console that can be read.
    virtual Result<Secret> ask(const Question& question) = 0;
    // Shows text where the question was; nothing that is typed before `until` counts.
    virtual void tell(const std::string& text, Instant until) = 0;
    // After one who asked was killed: lines of these consoles (empty = all active ones) are echoed
    // and edited again.
    virtual void make_sane(const std::vector<std::string>& consoles) = 0;
};

// The first passphrase that was typed and has opened a disk, which a process of its own keeps: a later
// `decrypt` line tries it before it asks a person again.
class KeptPassphrase {
  public:
    virtual ~KeptPassphrase() = default;
    // Nothing when none is kept, or when its keeper does not answer: it only saves a person some work.
    virtual std::optional<Secret> get() = 0;
    // The first one stays; without a keeper it goes with this process.
    virtual void keep(const Secret& passphrase) = 0;
};

struct DecryptTools {
    Luks& luks;
    KeySource& keys;
    Prompter& prompter;
    KeptPassphrase& kept;
};

}  // namespace prologue
