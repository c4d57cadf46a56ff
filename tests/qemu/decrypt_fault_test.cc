// SPDX-License-Identifier: MIT
// Children of decrypt that are gone while their mapping is half made. What they do is in
// tests/guest/faults.cc.
#include <doctest/doctest.h>

#include "tests/qemu/luks.h"

namespace prologue::qemu_tests {
namespace {

Boot boot_of_decrypt_faults(const std::string& options, const std::string& faults) {
    Boot it = boot_by_key(encrypted({"pbkdf2"}),
                          "decrypt /dev/vda -> plain   key=/etc/root.key " + options + "\n");
    const std::vector<std::string> with = with_faults();
    it.image_options.insert(it.image_options.end(), with.begin(), with.end());
    it.words += " guest.fault=3:" + faults;
    return it;
}

}  // namespace

// A mapping that were left would be refused as somebody else's by the next try, which is final.
TEST_CASE("decrypt: a child that is gone while its mapping is half made leaves nothing of it") {
    const Transcript text = boot(boot_of_decrypt_faults(
        "retries=5 timeout=3s", "table-segv,table-kill,table-loop,after-abort,after-kill"));
    for (const char* said :
         {"crashed: SIGSEGV; trying again, 5 left", "crashed: SIGKILL; trying again, 4 left",
          "was still at work after 3 s and was ended; trying again, 3 left",
          "crashed: SIGABRT; trying again, 2 left", "crashed: SIGKILL; trying again, 1 left"})
        text.has("prologue: decrypt: " + std::string(said));
    text.lacks("*what it had done is still there*");
    check_unlocked(text, "LUKS2");
}

// At this point the passphrase and the volume key are both in its memory.
TEST_CASE("decrypt: the child with the keys leaves no core and no page to the swap") {
    const Transcript text = boot(boot_of_decrypt_faults("", "table-show"));
    text.has("fault: dumpable=0 core=0/0 locked=*");
    text.lacks("*locked=0 kB*");
    check_unlocked(text, "LUKS2");
}

}  // namespace prologue::qemu_tests
