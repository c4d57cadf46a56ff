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
    // True when the kernel has it built in, loaded, or the image carries it.
    virtual bool is_available(const std::string& name) = 0;
};

}  // namespace prologue
