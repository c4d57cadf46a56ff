// SPDX-License-Identifier: MIT
// The seam to libkmod.
#pragma once

#include <string>
#include <vector>

#include "init/base/error.h"

namespace prologue {

class ModuleLoader {
  public:
    virtual ~ModuleLoader() = default;
    // Loads a module by name or alias with its dependencies and soft dependencies. `parameters` is
    // "key=value key=value" for the named module itself; parameters of the command line
    // (mod.param=) and blacklists are honoured. Builtin and already loaded are success.
    // A missing module, wrong vermagic, unknown symbol, refused signature each have their own detail
    // and hint.
    virtual Result<> load(const std::string& name, const std::string& parameters) = 0;
    // What the image has for the modalias of a device: each module that answers to it, as by load(),
    // apart from blacklisted ones. Appends to `loaded` the names of those that were not there before.
    // Nothing that answers is success; of several failures the first is the error.
    virtual Result<> load_for_device(const std::string& modalias,
                                     std::vector<std::string>& loaded) = 0;
    // True when the kernel has it built in, loaded, or the image carries it.
    virtual bool is_available(const std::string& name) = 0;
};

}  // namespace prologue
