// SPDX-License-Identifier: MIT
#include "init/timeline.h"

#include <cerrno>
#include <string>

#include "stages/stages.h"
#include "tests/trace/fake_sys.h"
#include "tests/unit/test.h"

using namespace prologue;
using prologue::fake::FakeSys;
using prologue::fake::Node;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

constexpr BootTimes kTimes{milliseconds(900), microseconds(84'967)};

// Two lines of a config, and a fake machine whose children work half of the time.
struct Boot {
    FakeSys sys;
    config::Source source{"boot.conf", "# none\nmodules \"a\\\\b\"\nmount /dev/vda /newroot\n"};
    Step modules, mount;
    Timeline timeline{sys};

    Boot() {
        modules.type = find_stage("modules");
        modules.line = {&source, 7, 14};
        mount.type = find_stage("mount");
        mount.line = {&source, 22, 23};
    }
    void pass(Instant time) { sys.skip_to(sys.now() + time); }
    void run() {
        timeline.begin(modules);
        pass(milliseconds(10));
        timeline.begin(modules);
        pass(milliseconds(30));
        timeline.end(modules, true);
        pass(milliseconds(1));
        timeline.begin(mount);
        pass(milliseconds(2));
        timeline.end(mount, false);
    }
};

}  // namespace

TEST_CASE("timeline: tries of one line together, with what they worked") {
    Boot boot;
    boot.timeline.end(boot.mount, true);  // it never began
    CHECK(boot.timeline.stages().empty());
    boot.run();
    CHECK(boot.timeline.stages().size() == 2);
    const StageTime& first = boot.timeline.stages().front();
    CHECK(first.tries == 2);
    CHECK(first.succeeded);
    CHECK(first.ended - first.began == milliseconds(40));
    CHECK(first.used == milliseconds(20));
    const StageTime& second = boot.timeline.stages().back();
    CHECK(!second.succeeded);
    CHECK(second.began - first.ended == milliseconds(1));
}

TEST_CASE("timeline: a line that runs again, as in a rescue shell, is an entry of its own") {
    Boot boot;
    boot.run();
    boot.timeline.begin(boot.mount);
    boot.timeline.end(boot.mount, true);
    CHECK(boot.timeline.stages().size() == 3);
    CHECK(boot.timeline.stages().back().tries == 1);
}

TEST_CASE("timeline: as JSON") {
    Boot boot;
    boot.run();
    CHECK(timeline_json(boot.timeline.stages(), kTimes, boot.sys.now()) ==
          "{\"format\": \"prologue-timeline\", \"version\": 1, \"unit\": \"us\",\n"
          " \"milestones\": [{\"name\": \"kernel\", \"at\": 0}, {\"name\": \"init\", \"at\": "
          "984967}, "
          "{\"name\": \"end\", \"at\": 1127967}],\n"
          " \"stages\": [\n"
          "    {\"line\": 2, \"keyword\": \"modules\", \"text\": \"modules \\\"a\\\\\\\\b\\\"\",\n"
          "     \"start\": 1084967, \"end\": 1124967, \"working\": 20000, \"waiting\": 20000, "
          "\"tries\": 2, \"done\": true},\n"
          "    {\"line\": 3, \"keyword\": \"mount\", \"text\": \"mount /dev/vda /newroot\",\n"
          "     \"start\": 1125967, \"end\": 1127967, \"working\": 1000, \"waiting\": 1000, "
          "\"tries\": 1, \"done\": false}]}\n");
}

TEST_CASE("timeline: as one line, however many stages there were") {
    Boot boot;
    boot.run();
    CHECK(timeline_line(boot.timeline.stages(), kTimes, boot.sys.now()) ==
          "timeline (us): init 984967, 2:modules 1084967+40000/20000, "
          "3:mount 1125967+2000/1000, end 1127967");
    for (int i = 0; i < 100; ++i) boot.run();
    const std::string line = timeline_line(boot.timeline.stages(), kTimes, boot.sys.now());
    CHECK(line.size() <= 910);
    CHECK(line.find(" … end ") != std::string::npos);
}

TEST_CASE("timeline: the file is written into memory only") {
    Boot boot;
    boot.run();
    struct Silent final : Log {
        std::string text;
        void write(LogLevel, Text line) override { text += line.str() + "\n"; }
    } log;
    boot.sys.root().add_dir("/run");
    boot.sys.root().type = "ext4";
    leave_timeline(boot.timeline, kTimes, boot.sys, log);
    CHECK(boot.sys.find(kTimelinePath.str()) == nullptr);
    CHECK(log.text.find("/run does not lie in memory") != std::string::npos);
    boot.sys.root().type = "tmpfs";
    leave_timeline(boot.timeline, kTimes, boot.sys, log);
    const Node* const file = boot.sys.find(kTimelinePath.str());
    CHECK(file != nullptr);
    if (file == nullptr) return;
    CHECK(file->text.starts_with("{\"format\": \"prologue-timeline\""));
    CHECK(file->text.ends_with("\"tries\": 1, \"done\": false}]}\n"));
    CHECK(file->permissions == 0644);
    boot.sys.set_fault({0, "create", 2, ENOSPC});
    leave_timeline(boot.timeline, kTimes, boot.sys, log);
    CHECK(log.text.find("ENOSPC") != std::string::npos);
}
