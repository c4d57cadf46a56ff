// SPDX-License-Identifier: MIT
#include "init/systemd_state.h"

#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "images/host.h"
#include "init/base/sys_linux.h"
#include "tests/unit/test.h"

using namespace prologue;

namespace {

// A root with systemd below lib/systemd, and the links to it that Debian has.
class Root {
  public:
    Root() {
        char name[] = "/tmp/prologue-systemd-XXXXXX";
        folder_ = mkdtemp(name);
        run("mkdir -p sbin lib/systemd && : > lib/systemd/systemd && : > lib/systemd/other");
        run("ln -s ../lib/systemd/systemd sbin/init && ln -s ../lib/systemd/other sbin/systemd");
    }
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;
    ~Root() { run("rm -rf \"$PWD\""); }

    Fd state(const std::string& init, std::vector<const char*> argv) {
        argv.push_back(nullptr);
        return systemd_state(folder_ + init, const_cast<char* const*>(argv.data()), began, sys);
    }
    LinuxSys sys;
    const Instant began = sys.now();

  private:
    // In the root's own folder.
    void run(const std::string& command) const {
        CHECK(std::system(("cd " + folder_ + " && " + command).c_str()) == 0);
    }
    std::string folder_;
};

}  // namespace

TEST_CASE("systemd's state: when this program began, by both clocks") {
    Root root;
    const Fd state = root.state("/sbin/init", {"/init", "single"});
    CHECK(state.valid());
    if (!state.valid()) return;
    CHECK((fcntl(state.get(), F_GETFD) & FD_CLOEXEC) == 0);
    CHECK(lseek(state.get(), 0, SEEK_CUR) == 0);
    const auto text = images::read_file("/proc/self/fd/" + std::to_string(state.get()));
    REQUIRE_OK(text);
    unsigned long long date = 0, since = 0;
    int end = 0;
    CHECK(std::sscanf(text->c_str(), "initrd-timestamp=%llu %llu\n%n", &date, &since, &end) == 2);
    CHECK(static_cast<std::size_t>(end) == text->size());
    CHECK(since == static_cast<unsigned long long>(root.began.count()) / 1000);
    const auto now = static_cast<unsigned long long>(time(nullptr)) * 1'000'000;
    CHECK(date < now + 1'000'000);
    CHECK(date > now - 60'000'000);
}

TEST_CASE("systemd's state: nothing for another init, whatever it is called") {
    Root root;
    CHECK(!root.state("/sbin/systemd", {"/init"}).valid());
    CHECK(!root.state("/lib/systemd/other", {"/init"}).valid());
    CHECK(!root.state("/not/there", {"/init"}).valid());
}

TEST_CASE("systemd's state: nothing beside options that a person gives systemd") {
    Root root;
    CHECK(!root.state("/sbin/init", {"/init", "--unit=rescue.target"}).valid());
    CHECK(root.state("/lib/systemd/systemd", {"/init", "-b", "3"}).valid());
}
