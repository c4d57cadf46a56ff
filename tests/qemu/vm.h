// SPDX-License-Identifier: MIT
// One virtual machine: QEMU without acceleration, a serial line that is read to the end, and a control
// line (QMP). Every wait is a poll with a deadline; at the limit the machine is killed.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "tests/qemu/transcript.h"

namespace prologue::qemu_tests {

inline constexpr std::chrono::seconds kBootLimit{60};

struct Disk {
    std::string name;                       // of disks.tsv
    std::string device = "virtio-blk-pci";  // with properties: "nvme,serial=1"; empty: not
                                            // plugged in yet, QEMU calls its file "driveN"
    std::string file = {};                  // another file than the table's, or what -drive takes
                                            // instead of one: "blkdebug:CONFIG:FILE"
    std::string drive = "snapshot=on";      // of -drive: without snapshot writes reach the file
};

struct Machine {
    std::string kernel = {};  // empty: the one that the settings name
    std::string image;        // the initramfs; empty: none
    std::string words;        // for the kernel, behind those that all get
    std::vector<Disk> disks;
    std::vector<std::string> arguments;  // more words for QEMU, in front of the disks
    unsigned memory_mib = 256;
    std::string consoles = "console=ttyS0";  // the words for them, in front of all others
    // Boots from its disks, by firmware that `arguments` name: image, words and consoles are not used.
    bool has_firmware = false;
    bool has_serial_line = true;
};

// The words for the kernel that every machine gets, with a blank on both sides.
extern const std::string kCommonWords;

enum class EndedBy { kItself, kLimit, kSignal };

class Vm {
  public:
    explicit Vm(const Machine& machine);
    ~Vm();
    Vm(const Vm&) = delete;
    Vm& operator=(const Vm&) = delete;

    // Waits for a line that matches (see transcript.h); the test case fails when it does not come.
    bool wait_for(std::string_view pattern, Where where = Where::current());
    // Waits for a text that is no whole line (a prompt), from byte `from` on, and moves that behind it.
    bool wait_for_text(std::string_view text, std::size_t& from, Where where = Where::current());
    // True when it comes within `patience`; that it does not is no failure.
    bool hears(std::string_view text, std::size_t& from, std::chrono::milliseconds patience);
    // Lets it run for that long; false when it has ended meanwhile.
    bool runs_for(std::chrono::milliseconds time);
    // Waits for an event of QEMU's control line: "DEVICE_DELETED".
    bool wait_for_event(std::string_view name, Where where = Where::current());
    // Types on the serial line.
    void send(std::string_view keys) const;
    // Sends one QMP command, as JSON, and gives QEMU's answer to it, one line.
    std::string command(std::string_view json);
    // Waits for the machine's end.
    void finish();

    [[nodiscard]] Transcript transcript() const { return Transcript(serial_); }
    [[nodiscard]] const std::string& serial_log() const { return serial_; }
    [[nodiscard]] int status() const { return status_; }  // QEMU's exit status
    [[nodiscard]] EndedBy ended_by() const { return ended_by_; }
    // "guest-reset" or "guest-shutdown", as QEMU saw it; empty: neither.
    [[nodiscard]] std::string reason() const;

  private:
    using Clock = std::chrono::steady_clock;

    void start(const Machine& machine);
    // Reads what has come, or comes until then; false when the limit is over or the machine has ended.
    bool pump(Clock::time_point until);
    bool pump() { return pump(deadline_); }
    void collect();

    pid_t pid_ = -1;
    int process_ = -1, keys_ = -1, serial_line_ = -1, control_line_ = -1;
    Clock::time_point deadline_;
    std::string serial_, control_;
    int status_ = -1;
    EndedBy ended_by_ = EndedBy::kSignal;
    std::string log_;  // QEMU's own messages
};

}  // namespace prologue::qemu_tests
