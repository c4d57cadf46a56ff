// SPDX-License-Identifier: MIT
// The other seams on the made-up machine: libmount, libkmod, the device finder, and a runner that
// runs a stage where it is called.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "init/executor.h"
#include "stages/device.h"
#include "stages/modules.h"
#include "stages/mounter.h"
#include "tests/trace/fake_sys.h"

namespace prologue::fake {

struct Disk {
    Device device;
    std::string part_uuid;
    std::shared_ptr<Filesystem> filesystem;  // null: holds none that can be mounted
};

struct Machine {
    bool has_everything = false;  // any module, and the first disk where no other one answers
    FakeSys sys;
    std::vector<Disk> disks;
    std::vector<std::string> modules;         // what the image carries
    std::vector<std::string> typed;           // the passphrases that somebody types
    std::map<std::string, std::string> keys;  // of containers that do not open with "right"
    std::string kept;                         // the one that is kept for later lines; empty: none
    std::shared_ptr<Filesystem> shared_tree;  // what a 9p tag or an NFS server serves
};

class FakeMounter final : public Mounter {
  public:
    explicit FakeMounter(Machine& machine) : machine_(machine) {}
    Result<> mount(const MountRequest& request) override;
    Result<> unmount(const std::string& target) override;

  private:
    Result<> mount_here(const MountRequest& request);
    Result<> attach(const MountRequest& request, const std::string& target);
    Machine& machine_;
};

class FakeModules final : public ModuleLoader {
  public:
    explicit FakeModules(Machine& machine) : machine_(machine) {}
    Result<> load(const std::string& name, const std::string& parameters) override;
    Result<> load_for_device(const std::string& modalias,
                             std::vector<std::string>& loaded) override;
    bool is_available(const std::string& name) override;

  private:
    Machine& machine_;
};

// Finds a disk of the table by every form of a specification; one that is not there is waited for
// until the deadline, with a note for each disk that was seen instead.
class FakeDevices final : public DeviceFinder {
  public:
    explicit FakeDevices(Machine& machine) : machine_(machine) {}
    Result<Device> find(const DeviceSpec& spec, Instant deadline, bool want_type) override;
    DeviceSurvey survey(Instant deadline) override;
    // All disks of the table count as partitions of one disk.
    Result<std::vector<std::string>> hibernated_beside(dev_t number) override;
    Result<std::vector<std::string>> btrfs_members(const std::string& path, Instant deadline,
                                                   bool wait) override;

  private:
    Machine& machine_;
};

class FakeRunner final : public StageRunner {
  public:
    FakeRunner(Machine& machine, char* const* argv, char* const* envp)
        : machine_(machine), argv_(argv), envp_(envp) {}
    // What the stage says goes through the form of the pipe, as it would from a real child.
    Result<StageOutcome> run(const StageRun& run) override;
    Result<> start_service(const ServiceOrder& order) override;
    char* const* environment() override { return envp_; }
    Result<> end_secrets(const Plan& plan, const config::Values& values) override;

  private:
    Result<StageOutcome> run_with_undo(const Step& step, StageContext& context);
    Machine& machine_;
    char* const* argv_;
    char* const* envp_;
};

class TraceLog final : public Log {
  public:
    explicit TraceLog(FakeSys& sys) : sys_(sys) {}
    void write(LogLevel level, Text text) override;
    [[nodiscard]] std::size_t complaints() const { return complaints_; }  // warnings and errors

  private:
    FakeSys& sys_;
    std::size_t complaints_ = 0;
};

}  // namespace prologue::fake
