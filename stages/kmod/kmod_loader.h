// SPDX-License-Identifier: MIT
// Loading kernel modules through libkmod, as modprobe(8) does:
// - dependencies, soft dependencies, and options of /etc, /run, /usr/local/lib and /lib/modprobe.d
//   where the image has them; libkmod reads mod.param= and modprobe.blacklist= of /proc/cmdline
//   too, unless the command line is a restricted one (a locked image);
// - a blacklist (there, modprobe.d, or module_blacklist=) keeps a module from being loaded by an
//   alias, silently; a module named by its own name is loaded all the same. (module_blacklist= is
//   obeyed by the kernel itself, which then refuses.)
// - parameters: modprobe.d first, then the command line, then the line's own, of which those that
//   the command line sets too are dropped: the command line beats the file. A value with blanks
//   needs double quotes around it, as on the kernel's own command line.
// - all modules of an alias are tried; the first failure is the error.
// An install command of modprobe.d is never run: a module that has one is refused, and left out
// where it is only a soft dependency.
#pragma once

#include <memory>

#include "config/cmdline.h"
#include "init/base/sys.h"
#include "stages/modules.h"

struct kmod_ctx;
struct kmod_module;

namespace prologue {

// How many names will be looked up: mapping the index files takes as long as reading them twice.
enum class Lookups : std::uint8_t { kMany, kOne };

class KmodLoader final : public ModuleLoader {
  public:
    // `command_line` is what the image lets through of the kernel's. `root` stands before
    // /lib/modules; empty but for tests.
    KmodLoader(Sys& sys, const config::CommandLine& command_line, std::string root = {},
               Lookups lookups = Lookups::kMany);
    ~KmodLoader() override;
    KmodLoader(const KmodLoader&) = delete;
    KmodLoader& operator=(const KmodLoader&) = delete;

    Result<> load(const std::string& name, const std::string& parameters) override;
    Result<> load_for_device(const std::string& modalias,
                             std::vector<std::string>& loaded) override;
    bool is_available(const std::string& name) override;
    // What else comes with the first look-up, for its error: libkmod made ready.
    Result<> prepare();

  private:
    Result<kmod_ctx*> context();
    Result<> insert(kmod_module* module, const std::string& requested,
                    const std::string& parameters);
    bool is_blacklisted(kmod_ctx* context, const std::string& module) const;
    Error missing(const std::string& name);
    Error explain(kmod_module* module, const std::string& requested, int errnum);

    Sys& sys_;
    config::CommandLine command_line_;
    std::string release_;  // uname -r
    std::string modules_;  // /lib/modules
    Lookups lookups_;
    kmod_ctx* context_ = nullptr;  // made when first needed
};

std::unique_ptr<ModuleLoader> make_kmod_loader(Sys& sys, const config::CommandLine& command_line);

}  // namespace prologue
