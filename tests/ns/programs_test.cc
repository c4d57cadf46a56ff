// SPDX-License-Identifier: MIT
// Programs and descriptors on a real kernel.
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/base/sys_linux.h"
#include "init/startup.h"
#include "tests/ns/sandbox.h"
#include "tests/unit/test.h"

namespace prologue::ns {
namespace {

ProgramCall call_of(const std::string& path) {
    return {path, {path, "touch", "/ran"}, {}};
}

int trial_errno(const std::string& path) {
    const Result<> tried = LinuxSys().trial_exec(call_of(path));
    return tried ? 0 : tried.error()->errnum;
}

int run_errno(const std::string& path) {
    const Result<int> ran = LinuxSys().run_program(call_of(path));
    return ran ? 0 : ran.error()->errnum;
}

void make_programs() {
    make_file("/plain", "#!/payload\n", 0644);
    make_file("/text", "this is no program\n");
    make_file("/empty", "");
    make_file("/elf", std::string("\x7f"
                                  "ELF",
                                  4));
    make_file("/lost", "#!/nothing/here\n");
    make_file("/script", "#!/payload touch\n");
    make_dir("/directory");
    EXPECT(symlink("/payload", "/link") == 0);
    EXPECT(symlink("/nowhere", "/dangling") == 0);
    make_dir("/noexec");
    EXPECT(mount("tmpfs", "/noexec", "tmpfs", MS_NOEXEC, nullptr) == 0);
    make_file("/noexec/program", "#!/payload\n");
}

void tells_what_cannot_run() {
    make_programs();
    const struct {
        const char* path;
        int errnum;
    } cases[] = {
        {"/missing", ENOENT},   {"/plain", EACCES},    {"/text", ENOEXEC},
        {"/empty", ENOEXEC},    {"/elf", ENOEXEC},     {"/lost", ENOENT},
        {"/directory", EACCES}, {"/dangling", ENOENT}, {"/noexec/program", EACCES},
        {"/link", 0},           {"/script", 0},
    };
    for (const auto& one : cases) {
        const int tried = trial_errno(one.path);
        if (tried != one.errnum)
            speak(std::string("trial of ") + one.path + ": " + std::to_string(tried));
        // A trial leaves nothing behind: no child, and no instruction has run.
        EXPECT(!exists("/ran"));
        EXPECT(waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD);
        if (one.errnum != 0) EXPECT(run_errno(one.path) == one.errnum);
    }
}

void a_trial_runs_nothing() {
    EXPECT(trial_errno("/payload") == 0);
    EXPECT(!exists("/ran"));
    const Result<int> ran = LinuxSys().run_program(call_of("/payload"));
    EXPECT(ran.has_value() && WIFEXITED(*ran) && WEXITSTATUS(*ran) == 7);
    EXPECT(exists("/ran"));
}

void fills_closed_descriptors() {
    const bool third_was_open = fcntl(3, F_GETFD) >= 0;  // what started the tests may leave it open
    for (int fd = 0; fd <= 2; ++fd) {
        if (fd != kSpeech) (void)close(fd);
    }
    secure_standard_fds();
    EXPECT(fcntl(0, F_GETFL) >= 0 && (fcntl(0, F_GETFL) & O_ACCMODE) == O_RDWR);
    EXPECT(fcntl(2, F_GETFL) >= 0);
    EXPECT((fcntl(0, F_GETFD) & FD_CLOEXEC) == 0);
    EXPECT((fcntl(3, F_GETFD) >= 0) == third_was_open);
}

// Nothing to open at all: no console, no null device.
void fills_them_without_any_device() {
    const int kept = fcntl(kSpeech, F_DUPFD_CLOEXEC, 10);
    EXPECT(umount2("/dev/null", 0) == 0 && unlink("/dev/null") == 0);
    for (int fd = 0; fd <= 2; ++fd) (void)close(fd);
    secure_standard_fds();
    bool all = true;
    for (int fd = 0; fd <= 2; ++fd) all = all && fcntl(fd, F_GETFD) == 0;
    const bool writable = write(2, "x", 1) == 1;
    (void)dup2(kept, kSpeech);
    EXPECT(all);
    EXPECT(writable);
}

void open_descriptors_stay() {
    struct stat before {};
    struct stat after {};
    (void)fstat(kSpeech, &before);
    secure_standard_fds();
    (void)fstat(kSpeech, &after);
    EXPECT(before.st_ino == after.st_ino);
}

void the_kernel_is_offered_modprobe() {
    EXPECT(!exists("/sbin"));
    EXPECT(offer_modprobe().has_value());
    EXPECT(LinuxSys().read_link("/sbin/modprobe").value_or("") == "/init");
    EXPECT(offer_modprobe().has_value());
}

void a_modprobe_of_the_archive_stays() {
    make_dir("/sbin");
    make_file("/sbin/modprobe", "another program");
    EXPECT(offer_modprobe().has_value());
    EXPECT(LinuxSys().read_file("/sbin/modprobe", 100).value_or("") == "another program");
}

void no_room_for_modprobe_is_told() {
    EXPECT(mount(nullptr, "/", nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    const Result<> offered = offer_modprobe();
    EXPECT(!offered && offered.error()->errnum == EROFS);
}

}  // namespace

TEST_CASE("programs: each reason not to run has its errno, in a trial and in earnest") {
    CHECK_IN_SANDBOX(tells_what_cannot_run);
}
TEST_CASE("programs: a trial does not run a single instruction") {
    CHECK_IN_SANDBOX(a_trial_runs_nothing);
}
TEST_CASE("startup: closed descriptors 0 to 2 become valid ones") {
    CHECK_IN_SANDBOX(fills_closed_descriptors);
}
TEST_CASE("startup: even without /dev/null") {
    CHECK_IN_SANDBOX(fills_them_without_any_device);
}
TEST_CASE("startup: open descriptors stay what they are") {
    CHECK_IN_SANDBOX(open_descriptors_stay);
}
TEST_CASE("startup: the kernel is offered a modprobe") {
    CHECK_IN_SANDBOX(the_kernel_is_offered_modprobe);
}
TEST_CASE("startup: a modprobe that the archive brings stays") {
    CHECK_IN_SANDBOX(a_modprobe_of_the_archive_stays);
}
TEST_CASE("startup: a root without room for modprobe is told") {
    CHECK_IN_SANDBOX(no_room_for_modprobe_is_told);
}

}  // namespace prologue::ns
