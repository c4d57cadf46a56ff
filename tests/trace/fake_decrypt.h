// SPDX-License-Identifier: MIT
// The tools of the stage `decrypt` on the made-up machine. Every container opens with the key "right",
// unless Machine::keys has another, and holds the filesystem of the first disk.
#pragma once

#include "stages/luks.h"
#include "tests/trace/fakes.h"

namespace prologue::fake {

class FakeDecrypt final : public Luks, public KeySource, public Prompter, public KeptPassphrase {
  public:
    // `keeps`: there is somebody who keeps a passphrase.
    FakeDecrypt(Machine& machine, bool keeps) : machine_(machine), keeps_(keeps) {}
    Result<> protect_process() override;
    Result<std::unique_ptr<LuksVolume>> open(const LuksRequest& request) override;
    Result<> announce(const std::string& name) override;
    Result<> rename(const std::string& name, const std::string& new_name) override;
    Result<> close(const std::string& name) override;
    Result<Secret> read(const KeyFile& file) override;
    Result<bool> destroy(const std::string& path) override;
    Result<> make_mounts_private() override;
    // The next of Machine::typed; the time runs out when there is none.
    Result<Secret> ask(const Question& question) override;
    void tell(const std::string& text, Instant until) override;
    void make_sane(const std::vector<std::string>& consoles) override;
    std::optional<Secret> get() override;
    void keep(const Secret& passphrase) override;

  private:
    Machine& machine_;
    bool keeps_;
};

}  // namespace prologue::fake
