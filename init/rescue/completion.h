// SPDX-License-Identifier: MIT
// What Tab offers: commands and stages as the first word, then paths and the names of devices that
// lines have yielded.
#pragma once

#include "config/values.h"
#include "init/base/sys.h"
#include "init/rescue/editor.h"

namespace prologue::rescue {

class ShellCompleter final : public Completer {
  public:
    // Both must outlive it.
    ShellCompleter(Sys& sys, const config::Values& values) : sys_(sys), values_(values) {}
    Completion complete(std::string_view before) override;

  private:
    void add_paths(std::string_view stem, std::vector<std::string>& words);

    Sys& sys_;
    const config::Values& values_;
};

}  // namespace prologue::rescue
