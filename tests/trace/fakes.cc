// SPDX-License-Identifier: MIT
#include "tests/trace/fakes.h"

#include <algorithm>
#include <cerrno>

#include "init/report.h"
#include "stages/stages.h"
#include "tests/trace/fake_decrypt.h"

namespace prologue::fake {
namespace {

bool answers(const Disk& disk, const DeviceSpec& spec) {
    switch (spec.kind) {
        case DeviceSpec::Kind::kUuid: return spec.matches_text(disk.device.uuid);
        case DeviceSpec::Kind::kLabel: return spec.matches_text(disk.device.label);
        case DeviceSpec::Kind::kPartUuid: return spec.matches_text(disk.part_uuid);
        case DeviceSpec::Kind::kPartLabel: return false;
        case DeviceSpec::Kind::kPath: return spec.matches_text(disk.device.path);
        case DeviceSpec::Kind::kNumber:
            return disk.device.number == ((dev_t{spec.major} << 8U) | spec.minor);
    }
    return false;
}

std::string seen(const Disk& disk) {
    return disk.device.path + ": " + disk.device.fstype + ", UUID=" + disk.device.uuid;
}

// "remount,ro" changes a mount; its other words stay.
std::string without_word(const std::string& options, std::string_view word) {
    std::string rest;
    for (std::size_t at = 0; at <= options.size();) {
        const std::size_t end = std::min(options.find(',', at), options.size());
        const std::string one = options.substr(at, end - at);
        if (one != word) rest += (rest.empty() ? "" : ",") + one;
        at = end + 1;
    }
    return rest;
}

}  // namespace

Result<> FakeMounter::attach(const MountRequest& request, const std::string& target) {
    FakeSys& sys = machine_.sys;
    const std::string object = request.source + " on " + request.target;
    const std::string options = request.options.empty() ? "rw" : request.options;
    if (has_mount_option(request.options, "bind")) {
        const std::string source = sys.full_path(request.source);
        Mounted* origin = nullptr;
        for (std::string part = source; origin == nullptr; part = part.substr(0, part.rfind('/'))) {
            origin = sys.mounted_at(part.empty() ? "/" : part);
        }
        if (sys.find(request.source) == nullptr)
            return fail(sys.failed("libmount", ENOENT, object));
        const std::string top =
            origin->target == "/" ? source : source.substr(origin->target.size());
        sys.attach({target, origin->filesystem, top.empty() ? "/" : top, origin->source, options});
        return {};
    }
    for (const Disk& disk : machine_.disks) {
        if (disk.device.path != request.source) continue;
        const bool fits = disk.filesystem != nullptr && disk.device.fstype == request.type;
        if (!fits) return fail(sys.failed("libmount", EINVAL, object));
        sys.attach({target, disk.filesystem, "/", request.source, options});
        return {};
    }
    const bool is_served = takes_verbatim_source(request.type);
    if (!is_served && !is_deviceless_type(request.type)) {
        return fail(sys.failed("libmount", ENOENT, object));
    }
    sys.attach({target, is_served ? machine_.shared_tree : sys.make_filesystem(request.type), "/",
                request.source, options});
    return {};
}

// The trace says which seam a call came through; an error names the operation.
Result<> FakeMounter::mount(const MountRequest& request) {
    Result<> mounted = mount_here(request);
    if (!mounted) mounted.error()->op = "mount";
    return mounted;
}

Result<> FakeMounter::mount_here(const MountRequest& request) {
    FakeSys& sys = machine_.sys;
    const std::string object = request.source + " on " + request.target;
    TRY_VOID(sys.begin("libmount", object,
                       "libmount " + request.source + " " + request.target + " " + request.type +
                           " " + request.options));
    const std::string target = sys.full_path(request.target);
    if (sys.find(request.target) == nullptr) return fail(sys.failed("libmount", ENOENT, object));
    if (!has_mount_option(request.options, "remount")) return attach(request, target);
    Mounted* const present = sys.mounted_at(target);
    if (present == nullptr) return fail(sys.failed("libmount", EINVAL, object));
    present->options = without_word(request.options, "remount");
    return {};
}

Result<> FakeMounter::unmount(const std::string& target) {
    FakeSys& sys = machine_.sys;
    TRY_VOID(sys.begin("libumount", target, "libumount " + target));
    if (!sys.detach(sys.full_path(target))) return fail(sys.failed("libumount", EINVAL, target));
    return {};
}

Result<> FakeModules::load(const std::string& name, const std::string& parameters) {
    FakeSys& sys = machine_.sys;
    const std::string words = parameters.empty() ? name : name + " " + parameters;
    TRY_VOID(sys.begin("modprobe", name, "modprobe " + words));
    if (is_available(name)) return {};
    sys.append(" = not in the image");
    return fail(Error::not_found("load module", name, "the image does not carry it"));
}

// On the fake machine a module is called as the modalias that it answers to.
Result<> FakeModules::load_for_device(const std::string& modalias,
                                      std::vector<std::string>& loaded) {
    TRY_VOID(machine_.sys.begin("modprobe", modalias, "modprobe for " + modalias));
    if (is_available(modalias)) loaded.push_back(modalias);
    return {};
}

bool FakeModules::is_available(const std::string& name) {
    if (machine_.has_everything) return true;
    return std::find(machine_.modules.begin(), machine_.modules.end(), name) !=
           machine_.modules.end();
}

Result<Device> FakeDevices::find(const DeviceSpec& spec, Instant deadline, bool want_type) {
    FakeSys& sys = machine_.sys;
    TRY_VOID(
        sys.begin("find", spec.text, "find " + spec.text + (want_type ? " with its type" : "")));
    Error error = Error::timeout("find", spec.text, "no device answers to it");
    for (const Disk& disk : machine_.disks) {
        if (answers(disk, spec)) {
            sys.append(" -> " + disk.device.path);
            return disk.device;
        }
        error->notes.push_back(seen(disk));
    }
    if (machine_.has_everything) {
        sys.append(" -> " + machine_.disks.front().device.path);
        return machine_.disks.front().device;
    }
    sys.skip_to(deadline);
    sys.append(" -> timeout");
    return fail(std::move(error));
}

DeviceSurvey FakeDevices::survey(Instant) {
    DeviceSurvey survey;
    for (const Disk& disk : machine_.disks) {
        survey.notes.push_back(seen(disk));
        if (!disk.device.uuid.empty()) survey.root_words = "root=UUID=" + disk.device.uuid;
    }
    return survey;
}

Result<std::vector<std::string>> FakeDevices::hibernated_beside(dev_t number) {
    TRY_VOID(machine_.sys.begin("hibernated", std::to_string(number), "hibernated beside?"));
    std::vector<std::string> paths;
    for (const Disk& disk : machine_.disks) {
        if (disk.device.fstype == "swsuspend") paths.push_back(disk.device.path);
    }
    for (const std::string& path : paths) machine_.sys.append(" " + path);
    return paths;
}

Result<std::vector<std::string>> FakeDevices::btrfs_members(const std::string& path,
                                                            Instant deadline, bool wait) {
    (void)deadline, (void)wait;
    TRY_VOID(machine_.sys.begin("members", path, "btrfs members of " + path + "?"));
    const auto has_path = [&](const Disk& disk) { return disk.device.path == path; };
    const auto first = std::find_if(machine_.disks.begin(), machine_.disks.end(), has_path);
    std::vector<std::string> paths;
    for (const Disk& disk : machine_.disks) {
        if (first == machine_.disks.end() || &disk == &*first) continue;
        if (disk.device.fstype == "btrfs" && disk.device.uuid == first->device.uuid)
            paths.push_back(disk.device.path);
    }
    for (const std::string& one : paths) machine_.sys.append(" " + one);
    return paths;
}

// As the real runner does, for a stage that wants it after every failure.
Result<StageOutcome> FakeRunner::run_with_undo(const Step& step, StageContext& context) {
    const Result<Arguments> arguments = Arguments::expand(step, context.values);
    const StageType& type = *step.type;
    const std::uint64_t mark =
        type.undoes_errors && arguments ? type.mark(*arguments, machine_.sys) : 0;
    Result<StageOutcome> outcome = run_stage_here(step, context);
    if (outcome || mark == 0) return outcome;
    const Result<> undone = type.undo(*arguments, context, mark);
    if (!undone) outcome.error()->notes.push_back(describe(undone.error()));
    return outcome;
}

Result<StageOutcome> FakeRunner::run(const StageRun& run) {
    FakeMounter mounter(machine_);
    FakeModules modules(machine_);
    FakeDevices devices(machine_);
    const FakeSys::Place place = machine_.sys.place();
    StageContext context{machine_.sys, mounter,      modules,      devices, run.values,
                         run.known,    run.deadline, run.new_root, argv_,   envp_};
    FakeDecrypt fake_decrypt(machine_, run.asks_again);
    DecryptTools tools{fake_decrypt, fake_decrypt, fake_decrypt, fake_decrypt};
    context.decrypt = &tools;
    if (run.step.ask) context.ask = &*run.step.ask;
    const std::string report = encode_report(run_with_undo(run.step, context));
    machine_.sys.set_place(place);
    std::optional<Result<StageOutcome>> decoded = decode_report(report);
    if (!decoded) return fail(Error::internal("report", "did not survive the pipe"));
    return std::move(*decoded);
}

Result<> FakeRunner::end_secrets(const Plan& plan, const config::Values& values) {
    if (!machine_.kept.empty()) machine_.sys.say("forget the passphrase");
    machine_.kept.clear();
    FakeDecrypt files(machine_, false);
    for (const Step& step : plan.steps) {
        const config::Word* key = key_in_image(step);
        if (key == nullptr) continue;
        const Result<std::string> path = config::expand(*key, values);
        if (path) TRY_VOID(files.destroy(*path));
    }
    return {};
}

Result<> FakeRunner::start_service(const ServiceOrder& order) {
    std::string text = "start";
    for (const std::string& word : order.program.argv) text += " " + word;
    if (order.is_shell()) text += " the shell";
    machine_.sys.say(text + " on " + order.tty + (order.respawn ? ", again and again" : ", once"));
    return {};
}

void TraceLog::write(LogLevel level, Text text) {
    if (level <= LogLevel::kWarning) ++complaints_;
    const char* const names[] = {"?", "?", "?", "error", "warning", "notice", "info", "debug"};
    sys_.say("  " + std::string(names[static_cast<int>(level)]) + ": " + std::string(text));
}

}  // namespace prologue::fake
