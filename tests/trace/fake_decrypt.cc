// SPDX-License-Identifier: MIT
#include "tests/trace/fake_decrypt.h"

#include <algorithm>
#include <cerrno>

#include <sys/sysmacros.h>

#include "init/base/device_number.h"

namespace prologue::fake {
namespace {

constexpr std::string_view kRightKey = "right";

std::string_view text_of(const Secret& secret) {
    return {secret.bytes().data(), secret.bytes().size()};
}

Result<Secret> secret_of(std::string_view text) {
    Secret secret = TRY(Secret::with_room(text.size() + 1));
    std::copy(text.begin(), text.end(), secret.room().begin());
    secret.resize(text.size());
    return secret;
}

class FakeVolume final : public LuksVolume {
  public:
    FakeVolume(Machine& machine, LuksRequest request)
        : machine_(machine), request_(std::move(request)) {}
    [[nodiscard]] std::string describe() const override { return "LUKS2, aes-xts-plain64"; }
    [[nodiscard]] std::string left_out() const override { return {}; }

    Result<bool> unlock(const Secret& key) override {
        FakeSys& sys = machine_.sys;
        TRY_VOID(
            sys.begin("unlock", request_.device,
                      "unlock " + request_.device + (request_.discard ? " with discards" : "")));
        const auto own = machine_.keys.find(request_.device);
        if (text_of(key) != (own != machine_.keys.end() ? own->second : kRightKey)) {
            sys.append(" = wrong key");
            return false;
        }
        Disk plain = machine_.disks.front();
        plain.device.path = "/dev/mapper/" + request_.name;
        plain.device.number = makedev(252, static_cast<unsigned>(machine_.disks.size()));
        plain.device.uuid += "-plain";
        plain.device.label = "plain";
        sys.mounted_at("/dev")->filesystem->add_block("/mapper/" + request_.name,
                                                      plain.device.number);
        show_in_sysfs(plain.device.number);
        machine_.disks.push_back(std::move(plain));
        sys.append(" -> /dev/mapper/" + request_.name);
        return true;
    }

  private:
    // What the mapping stands on.
    void show_in_sysfs(dev_t mapping) {
        Filesystem& sysfs = *machine_.sys.mounted_at("/sys")->filesystem;
        for (const Disk& disk : machine_.disks) {
            if (disk.device.path != request_.device) continue;
            sysfs.add_dir("/dev/block/" + device_number_text(disk.device.number) + "/holders/dm-" +
                          std::to_string(minor(mapping)));
        }
    }

    Machine& machine_;
    LuksRequest request_;
};

}  // namespace

Result<> FakeDecrypt::protect_process() {
    return machine_.sys.begin("protect", "process");
}

Result<std::unique_ptr<LuksVolume>> FakeDecrypt::open(const LuksRequest& request) {
    const std::string where = request.header.empty() ? request.device : request.header;
    TRY_VOID(machine_.sys.begin("luks", where, "luks header of " + where));
    return std::make_unique<FakeVolume>(machine_, request);
}

Result<> FakeDecrypt::announce(const std::string& name) {
    return machine_.sys.begin("announce", name, "announce " + name);
}

Result<> FakeDecrypt::rename(const std::string& name, const std::string& new_name) {
    TRY_VOID(machine_.sys.begin("rename", name, "rename mapping " + name + " to " + new_name));
    for (Disk& disk : machine_.disks) {
        if (disk.device.path != "/dev/mapper/" + name) continue;
        disk.device.path = "/dev/mapper/" + new_name;
        machine_.sys.mounted_at("/dev")->filesystem->add_block("/mapper/" + new_name,
                                                               disk.device.number);
    }
    return {};
}

Result<> FakeDecrypt::close(const std::string& name) {
    TRY_VOID(machine_.sys.begin("close", name, "close " + name));
    std::erase_if(machine_.disks,
                  [&](const Disk& disk) { return disk.device.path == "/dev/mapper/" + name; });
    return {};
}

Result<Secret> FakeDecrypt::read(const KeyFile& file) {
    TRY_VOID(machine_.sys.begin("key", file.path, "key from " + file.path));
    if (machine_.has_everything) return secret_of(kRightKey);
    const Node* node = machine_.sys.find(file.path);
    if (node == nullptr) return fail(machine_.sys.failed("read key", ENOENT, file.path));
    return secret_of(node->text);
}

Result<bool> FakeDecrypt::destroy(const std::string& path) {
    if (machine_.sys.find(path) == nullptr) return false;
    TRY_VOID(machine_.sys.begin("overwrite", path, "overwrite " + path));
    return true;
}

Result<> FakeDecrypt::make_mounts_private() {
    return machine_.sys.begin("private", "mounts", "private mounts");
}

Result<Secret> FakeDecrypt::ask(const Question& question) {
    TRY_VOID(machine_.sys.begin("ask", "consoles", "ask '" + question.text + "'"));
    if (machine_.has_everything) return secret_of(kRightKey);
    if (machine_.typed.empty()) {
        machine_.sys.skip_to(question.deadline);
        return fail(Error::timeout("ask for a passphrase", "", "nobody answered in time"));
    }
    const std::string typed = machine_.typed.front();
    machine_.typed.erase(machine_.typed.begin());
    return secret_of(typed);
}

void FakeDecrypt::tell(const std::string& text, Instant until) {
    machine_.sys.say("tell '" + text + "', " + format_milliseconds(until - machine_.sys.now()));
}

void FakeDecrypt::make_sane(const std::vector<std::string>&) {
    machine_.sys.say("make the consoles sane");
}

std::optional<Secret> FakeDecrypt::get() {
    if (machine_.kept.empty()) return std::nullopt;
    machine_.sys.say("get the kept passphrase");
    Result<Secret> kept = secret_of(machine_.kept);
    if (!kept) return std::nullopt;
    return std::move(*kept);
}

void FakeDecrypt::keep(const Secret& passphrase) {
    if (!keeps_ || !machine_.kept.empty()) return;
    machine_.sys.say("keep the passphrase");
    machine_.kept = text_of(passphrase);
}

}  // namespace prologue::fake
