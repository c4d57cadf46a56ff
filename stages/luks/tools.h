// SPDX-License-Identifier: MIT
// The real tools of the stage `decrypt`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "init/base/sys.h"
#include "stages/devices/uevent.h"
#include "stages/luks.h"

namespace prologue {

// `sys` must outlive what they give.
std::unique_ptr<Luks> make_cryptsetup(Sys& sys);
// `gone`: the files that an earlier process has destroyed. Both must outlive it.
std::unique_ptr<KeySource> make_key_files(Sys& sys, const std::vector<std::string>& gone);
// `listener`, when not null, hears of devices while a person is asked: the keyboard may be one that comes
// by then. It must outlive the prompter.
std::unique_ptr<Prompter> make_console_prompter(Sys& sys, UeventListener* listener = nullptr);
// Of the keeper at the other end of `socket`, which stays the caller's; -1 = nobody keeps anything.
std::unique_ptr<KeptPassphrase> make_kept_passphrase(Sys& sys, int socket);

// The keeper itself, in a process of its own: answers on `socket`, a SOCK_SEQPACKET, until its other
// end is shut. Gives up every other descriptor first, the consoles with them.
void keep_passphrase(Sys& sys, int socket);

}  // namespace prologue
