// SPDX-License-Identifier: MIT
// Children of decrypt that are gone while their mapping is half made. What they do is in
// tests/guest/faults.cc.
#include <doctest/doctest.h>

#include "tests/qemu/luks.h"

namespace prologue::qemu_tests {
namespace {

// The lines are those from line 3 on.
Boot boot_of_decrypt_faults(const std::string& lines, const std::string& faults) {
    Boot it = boot_by_key(encrypted({"pbkdf2"}), lines + "\n");
    const std::vector<std::string> with = with_faults();
    it.image_options.insert(it.image_options.end(), with.begin(), with.end());
    it.words += " guest.fault=" + faults;
    return it;
}

}  // namespace

// A mapping that were left would be refused as somebody else's by the next try, which is final.
TEST_CASE("decrypt: a child that is gone while its mapping is half made leaves nothing of it") {
    const Transcript text = boot(
        boot_of_decrypt_faults("decrypt /dev/vda -> plain   key=/etc/root.key retries=5 timeout=3s",
                               "3:table-segv,table-kill,table-loop,after-abort,after-kill"));
    for (const char* said :
         {"crashed: SIGSEGV; trying again, 5 left", "crashed: SIGKILL; trying again, 4 left",
          "was still at work after 3 s and was ended; trying again, 3 left",
          "crashed: SIGABRT; trying again, 2 left", "crashed: SIGKILL; trying again, 1 left"})
        text.has("prologue: decrypt: " + std::string(said));
    text.lacks("*what it had done is still there*");
    check_unlocked(text, "LUKS2");
}

// At this point the child has the passphrase and the volume key, each in a page or more, and the keeper
// has the passphrase.
TEST_CASE("decrypt: who has the keys leaves no core and no page to the swap") {
    Boot it = boot_of_decrypt_faults(
        "decrypt /dev/vda -> plain\ndecrypt /dev/vdb -> other   tries=2", "4:table-show");
    it.disks.push_back(encrypted({.kind = "pbkdf2", .disk = "ext4-noinit"}));
    Vm vm(machine_of(it));
    answer(vm, {kPassphrase});
    finish_unlocked(vm);
    constexpr std::string_view kChild = "fault: decrypt dumpable=0 core=0/0 locked=";
    CHECK(vm.transcript().number_behind(kChild) >= 8);
    CHECK(vm.transcript().number_behind("fault: keeper locked=") >= 4);
}

}  // namespace prologue::qemu_tests
