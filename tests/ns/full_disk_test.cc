// SPDX-License-Identifier: MIT
// An image that does not fit: a real filesystem without room.
#include <string>

#include <sys/mount.h>
#include <sys/stat.h>

#include "images/host.h"
#include "tests/ns/sandbox.h"
#include "tests/unit/test.h"

namespace prologue::ns {
namespace {

constexpr std::size_t kOld = std::size_t{48} * 1024, kTooMuch = std::size_t{96} * 1024;

void keeps_the_old_image() {
    make_dir("/boot");
    EXPECT(mount("full", "/boot", "tmpfs", 0, "size=128k") == 0);
    const std::string old(kOld, 'o');
    EXPECT(images::write_output("/boot/image", old, 0600).has_value());
    const Result<> written = images::write_output("/boot/image", std::string(kTooMuch, 'n'), 0600);
    EXPECT(!written.has_value());
    if (written) return;
    EXPECT(describe(written.error()) == "write /boot/image: No space left on device (ENOSPC)");
    EXPECT(written.error()->hint.starts_with("nothing was replaced"));
    EXPECT(images::read_file("/boot/image").value_or("") == old);
    EXPECT(images::list_directory("/boot").value_or(std::vector<std::string>()).size() == 1);
}

}  // namespace

TEST_CASE("full disk: the old image stays, and nothing is left beside it") {
    CHECK_IN_SANDBOX(keeps_the_old_image);
}

}  // namespace prologue::ns
