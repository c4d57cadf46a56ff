// SPDX-License-Identifier: MIT
// `prologue boot --host`: the machine's own disk is read, and nothing can write to it.
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/qemu/disks.h"
#include "tests/qemu/files.h"
#include "tests/qemu/image.h"
#include "tests/qemu/settings.h"

namespace prologue::qemu_tests {
namespace {

namespace fs = std::filesystem;
constexpr int kLimit = 60'000;  // milliseconds

// A machine made of files. Its disk is one too, with a filesystem that is mounted as its root.
class HostFolder {
  public:
    HostFolder() {
        file("/proc/self/mountinfo", "22 1 254:0 / / rw - ext4 /dev/vda rw\n");
        file("/proc/cmdline",
             "BOOT_IMAGE=/vmlinuz root=/dev/vda rw prologue.on-failure=poweroff "
             "guest.cat=/proc/cmdline\n");
        file("/proc/sys/kernel/osrelease", "test\n");
        const std::string device = "/sys/devices/pci0/virtio0/block/vda";
        file(device + "/dev", "254:0\n");
        link("/sys/dev/block/254:0", folder_ + device);
        link("/sys/class/block/vda", folder_ + device);
        // Another kernel than the one that runs, "test": that of the image's modules.
        link("/boot/vmlinuz-" + fs::path(settings().modules).filename().string(),
             settings().kernel);
        fs::create_directories(folder_ + "/dev");
        fs::rename(copy_of_disk("ext4"), disk());
    }
    [[nodiscard]] std::string disk() const { return folder_ + "/dev/vda"; }
    // `prologue boot --host` of this machine.
    [[nodiscard]] std::vector<std::string> command(const std::string& image) const {
        return {"boot", image, "--host", "--sysroot", folder_, "--accel", "tcg"};
    }

  private:
    void file(const std::string& path, const std::string& text) const {
        fs::create_directories(fs::path(folder_ + path).parent_path());
        write_file(folder_ + path, text);
    }
    void link(const std::string& path, const std::string& target) const {
        fs::create_directories(fs::path(folder_ + path).parent_path());
        fs::create_symlink(target, folder_ + path);
    }
    std::string folder_ = work_folder() + "/machine";
};

bool says(const ProgramEnd& end, std::string_view text) {
    return end.output.find(text) != std::string::npos;
}

// The tool while it runs, and the QEMU below it.
class Running {
  public:
    Running(std::vector<std::string> words, const std::string& temporary) {
        words.insert(words.begin(), settings().build + "/prologue");
        int ends[2];
        REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
        output_ = ends[0];
        pid_ = fork();
        if (pid_ == 0) {
            std::vector<char*> arguments;
            for (std::string& word : words) arguments.push_back(word.data());
            arguments.push_back(nullptr);
            (void)setenv("TMPDIR", temporary.c_str(), 1);
            const int nothing = open("/dev/zero", O_RDONLY);
            (void)dup2(nothing, STDIN_FILENO);
            (void)dup2(ends[1], STDOUT_FILENO);
            (void)dup2(ends[1], STDERR_FILENO);
            (void)execv(arguments[0], arguments.data());
            _exit(127);
        }
        (void)close(ends[1]);
    }
    ~Running() {
        (void)kill(pid_, SIGKILL);
        (void)waitpid(pid_, nullptr, 0);
        (void)close(output_);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    // Reads what the guest says up to this text.
    bool wait_for(std::string_view text) {
        while (said_.find(text) == std::string::npos) {
            pollfd wait = {output_, POLLIN, 0};
            char buffer[4096];
            if (poll(&wait, 1, kLimit) != 1) break;
            const ssize_t got = read(output_, buffer, sizeof buffer);
            if (got <= 0) break;
            said_.append(buffer, static_cast<std::size_t>(got));
        }
        const bool found = said_.find(text) != std::string::npos;
        if (!found) keep_for_failure("output", said_);
        return found;
    }
    [[nodiscard]] pid_t qemu() const {
        const std::string pid = std::to_string(pid_);
        return static_cast<pid_t>(
            std::atoi(read_file("/proc/" + pid + "/task/" + pid + "/children").c_str()));
    }
    void end_hard() const { (void)kill(pid_, SIGKILL); }

  private:
    pid_t pid_ = -1;
    int output_ = -1;
    std::string said_;
};

// How a process has opened a file: "flags:" of /proc/PID/fdinfo, proc_pid_fdinfo(5).
struct OpenFile {
    std::string target;
    unsigned long flags = 0;
};
std::vector<OpenFile> open_files(pid_t pid) {
    const std::string base = "/proc/" + std::to_string(pid);
    std::vector<OpenFile> files;
    for (const auto& entry : fs::directory_iterator(base + "/fd")) {
        std::error_code gone;
        const std::string target = fs::read_symlink(entry.path(), gone).string();
        if (gone) continue;
        const std::string info = read_file(base + "/fdinfo/" + entry.path().filename().string());
        const std::size_t at = info.find("flags:");
        files.push_back({target, std::strtoul(info.c_str() + at + 6, nullptr, 8)});
    }
    return files;
}

bool ends_in_time(pid_t pid) {
    const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (process < 0) return true;
    pollfd wait = {process, POLLIN, 0};
    const bool ended = poll(&wait, 1, kLimit) == 1;
    (void)close(process);
    return ended;
}

}  // namespace

TEST_CASE("boot --host: the machine's root boots read-write in the guest, and is not changed") {
    const HostFolder machine;
    const std::string before = read_file(machine.disk());
    const ProgramEnd end = run_tool(machine.command(build_image({"", {"--for", "qemu"}})));
    CHECK_MESSAGE(end.status == 0, end.output);
    CHECK(says(end, "guest: root fstype=ext4 source=/dev/vda options=rw"));
    CHECK(says(end, "guest: cat /proc/cmdline: root=/dev/vda rw "));
    CHECK(says(end, "console=ttyS0 panic=-1"));
    CHECK(says(end, "note: the guest can read " + machine.disk() + ", and what it writes is gone"));
    CHECK_MESSAGE(read_file(machine.disk()) == before, "the disk has changed");
}

TEST_CASE("boot --host: QEMU has the disk for reading only, and leaves nothing behind a kill") {
    const HostFolder machine;
    const std::string temporary = work_folder() + "/tmp";
    make_folder(temporary);
    const std::string image =
        build_image({"modules virtio_pci virtio_blk\nmount /dev/vda /newroot type=ext4 options=rw\n"
                     "find LABEL=none -> x timeout=forever\npoweroff\n",
                     {}});
    pid_t qemu = -1;
    {
        Running tool(machine.command(image), temporary);
        REQUIRE(tool.wait_for("prologue: mount /dev/vda (ext4) on /newroot"));
        qemu = tool.qemu();
        std::size_t disks = 0, overlays = 0;
        for (const OpenFile& file : open_files(qemu)) {
            if (file.target.starts_with(machine.disk())) {
                ++disks;
                CHECK((file.flags & O_ACCMODE) == O_RDONLY);
            }
            overlays += file.target.starts_with(temporary + "/") ? 1 : 0;
        }
        CHECK(disks > 0);
        CHECK(overlays == 1);
        tool.end_hard();
    }
    CHECK(ends_in_time(qemu));
    CHECK(fs::is_empty(temporary));
}

TEST_CASE("boot --host: what could reach the disk another way is refused") {
    const HostFolder machine;
    const std::string image = build_image({"poweroff\n", {}});
    const auto with = [&](const std::vector<std::string>& more) {
        std::vector<std::string> words = machine.command(image);
        words.insert(words.end(), more.begin(), more.end());
        return run_tool(words);
    };
    CHECK(with({"--write"}).status == 2);
    CHECK(with({"--disk", machine.disk()}).status == 2);
    for (const std::string& word :
         {"file=" + machine.disk() + ",format=raw", "{\"filename\":\"" + machine.disk() + "\"}",
          std::string("if=none,snapshot=off,file=other.img")}) {
        const ProgramEnd end = with({"--", "-drive", word});
        CHECK_MESSAGE(end.status == 1, end.output);
        CHECK(says(end, "error: boot with " + word + ": it "));
    }
    CHECK(with({"--", "-hda", machine.disk()}).status == 1);
    fs::remove(machine.disk());
    CHECK(says(with({"--kernel", settings().kernel}),
               "error: open for reading " + machine.disk() + ": No such file"));
}

}  // namespace prologue::qemu_tests
