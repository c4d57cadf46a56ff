// SPDX-License-Identifier: MIT
// What is left of a mount whose child died goes, and nothing that was there before.
#include <cerrno>

#include "tests/trace/scenario.h"
#include "tests/unit/config_text.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

class Undo {
  public:
    explicit Undo(const std::string& line) : planned_("t", line + "\nreboot\n") {
        planned_.input.prelude = nullptr;
        planned_.replan();
        fake::fill_machine(machine_);
    }
    fake::Machine& machine() { return machine_; }
    std::uint64_t mark() {
        const Result<Arguments> arguments = Arguments::expand(step(), values_);
        CHECK(arguments.has_value());
        return arguments ? step().type->mark(*arguments, machine_.sys) : 0;
    }
    Result<> undo(std::uint64_t mark) {
        fake::FakeMounter mounter(machine_);
        fake::FakeModules modules(machine_);
        fake::FakeDevices devices(machine_);
        StageContext context{machine_.sys, mounter, modules, devices, values_,
                             {},           kNever,  "",      nullptr, nullptr};
        const Arguments arguments = TRY(Arguments::expand(step(), values_));
        return step().type->undo(arguments, context, mark);
    }
    void mount(const std::string& target) {
        const std::string type = "tmpfs";
        machine_.sys.attach({target, machine_.sys.make_filesystem(type), "/", type, "rw"});
    }
    [[nodiscard]] std::size_t mounts() const { return machine_.sys.mounts().size(); }

  private:
    const Step& step() { return planned_.plan.steps.front(); }
    Planned planned_;
    config::Values values_;
    fake::Machine machine_;
};

}  // namespace

TEST_CASE("mount undo: what the stage has mounted goes") {
    Undo it("mount tmpfs /a/b");
    const std::uint64_t before = it.mark();
    CHECK(before != 0);
    it.machine().sys.root().add_dir("/a/b");
    CHECK(it.mark() == before);
    it.mount("/a/b");
    CHECK(it.mark() != before);
    CHECK(it.undo(before).has_value());
    CHECK(it.mounts() == 1);
}

TEST_CASE("mount undo: what was there before stays") {
    Undo it("mount tmpfs /a");
    it.machine().sys.root().add_dir("/a");
    it.mount("/a");
    const std::uint64_t before = it.mark();
    CHECK(it.undo(before).has_value());
    CHECK(it.mounts() == 2);
    it.mount("/a");
    CHECK(it.undo(before).has_value());
    CHECK(it.mounts() == 2);
    CHECK(it.mark() == before);
}

TEST_CASE("mount undo: what cannot be unmounted is an error, not a loop") {
    Undo it("mount tmpfs /a");
    it.machine().sys.root().add_dir("/a");
    const std::uint64_t before = it.mark();
    it.mount("/a");
    it.machine().sys.set_fault({0, "umount", 1, EBUSY});
    const Result<> undone = it.undo(before);
    CHECK(!undone);
    CHECK(it.mounts() == 2);
    it.machine().sys.set_fault({});
    CHECK(!it.undo(before + 1000));  // no unmounting leads there
}

TEST_CASE("mount undo: a remount leaves nothing") {
    CHECK(Undo("mount / options=remount,ro").mark() == 0);
}

}  // namespace prologue::tests
