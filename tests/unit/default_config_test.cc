// SPDX-License-Identifier: MIT
// The config of an image without one, for the command lines that people write.
#include "init/default_config.h"

#include "init/plan.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

std::string text_for(std::string_view words) {
    return default_config(config::CommandLine::parse(words)).text;
}

// What PID 1 makes of it.
struct Planned {
    explicit Planned(std::string_view words)
        : command_line(config::CommandLine::parse(words)), source(default_config(command_line)) {
        PlanInput input;
        input.config = &source;
        input.command_line = &command_line;
        input.board = "generic";
        input.on_target = true;
        plan = make_plan(input);
    }
    [[nodiscard]] std::string problems() const {
        std::string text;
        for (const config::Diagnostic& one : plan.diagnostics.sorted()) text += render(one);
        return text;
    }
    [[nodiscard]] bool has(std::string_view text) const {
        return format_plan(plan).find(text) != std::string::npos;
    }
    config::CommandLine command_line;
    config::Source source;
    Plan plan;
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("default config: root= in every form, and none at all, is a plan without a complaint") {
    for (const char* words :
         {"", "root=/dev/sda2", "root=UUID=2f9d6a5c-6f7f-4c0e-9a1b-0d8c5d0e7a11 ro quiet",
          "root=LABEL=root rw", "root=\"LABEL=my root\"", "root=PARTUUID=1234abcd-02/PARTNROFF=1",
          "root=0801", "root=8:1", "root=share rootfstype=virtiofs rootflags=x",
          "root=share rootfstype=9p", "root=/dev/sda2 rootfstype=ext4,xfs rootwait rootdelay=2"}) {
        CAPTURE(words);
        const Planned planned(words);
        CHECK(planned.plan.ok());
        CHECK(planned.problems() == "");
        CHECK(is_default_config(planned.source));
    }
}

TEST_CASE("default config: a filesystem with a source of its own kind waits for no device") {
    CHECK(has(text_for("root=share rootfstype=9p"), "mount       ${cmdline.root} /newroot"));
    CHECK(!has(text_for("root=share rootfstype=9p"), "find "));
    CHECK(has(text_for("root=/dev/vda rootfstype=ext4"), "find "));
}

TEST_CASE("default config: rootwait and rootdelay give more time, and nothing sleeps") {
    CHECK(!has(text_for("root=/dev/vda"), "set timeout"));
    CHECK(has(text_for("rootwait"), "set timeout 300s\n"));
    CHECK(has(text_for("rootwait=90"), "set timeout 90s\n"));
    CHECK(!has(text_for("rootwait=5"), "set timeout"));  // never less than usual
    CHECK(has(text_for("rootdelay=10"), "set timeout 40s\n"));
    CHECK(has(text_for("rootwait rootdelay=10"), "set timeout 310s\n"));
    CHECK(has(text_for("rootwait=99999999999 rootdelay=99999999999"), "set timeout 172800s\n"));
    CHECK(!has(text_for("rootwait=abc rootdelay="), "set timeout"));
    CHECK(Planned("rootwait").plan.settings.timeout == Duration(300'000));
}

TEST_CASE("default config: words of other tools are named once") {
    const Planned planned(
        "root=/dev/vda resume=/dev/sda3 cryptdevice=UUID=x:y rd.lvm.lv=vg/a "
        "rd.lvm.lv=vg/b quiet rd.lvm.vg=vg");
    CHECK(planned.plan.ok());
    CHECK(planned.problems() ==
          "kernel command line:1:15: warning: nothing here obeys 'resume'\n"
          "    1 | root=/dev/vda resume=/dev/sda3 cryptdevice=UUID=x:y rd.lvm.lv=vg/a "
          "rd.lvm.lv=vg/b quiet rd.lvm.vg=vg\n"
          "      |               ^~~~~~\n"
          "  hint: no system is woken up here, and a disk that holds one is not mounted\n"
          "kernel command line:1:32: warning: nothing here obeys 'cryptdevice'\n"
          "    1 | root=/dev/vda resume=/dev/sda3 cryptdevice=UUID=x:y rd.lvm.lv=vg/a "
          "rd.lvm.lv=vg/b quiet rd.lvm.vg=vg\n"
          "      |                                ^~~~~~~~~~~\n"
          "  hint: rd.luks.name=UUID=NAME opens a container, or root= that names it\n"
          "kernel command line:1:53: warning: nothing here obeys 'rd.lvm.lv'\n"
          "    1 | root=/dev/vda resume=/dev/sda3 cryptdevice=UUID=x:y rd.lvm.lv=vg/a "
          "rd.lvm.lv=vg/b quiet rd.lvm.vg=vg\n"
          "      |                                                     ^~~~~~~~~\n"
          "  hint: there is no LVM here\n"
          "kernel command line:1:89: warning: nothing here obeys 'rd.lvm.vg'\n"
          "    1 | root=/dev/vda resume=/dev/sda3 cryptdevice=UUID=x:y rd.lvm.lv=vg/a "
          "rd.lvm.lv=vg/b quiet rd.lvm.vg=vg\n"
          "      |                                                                             "
          "            ^~~~~~~~~\n"
          "  hint: there is no LVM here\n");
}

#if PROLOGUE_DECRYPT
constexpr char kUuid[] = "6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b11";

TEST_CASE("default config: containers of the command line") {
    const std::string uuid = kUuid;
    const std::string by_uuid = "decrypt     \"UUID=" + uuid + "\" -> luks-" + uuid + " ";
    const std::string by_name = "decrypt     \"UUID=" + uuid + "\" -> home ";
    CHECK(has(text_for("rd.luks.uuid=" + uuid), by_uuid));
    CHECK(has(text_for("rd.luks.uuid=luks-" + uuid), by_uuid));
    CHECK(has(text_for("luks.uuid=" + uuid), by_uuid));
    CHECK(has(text_for("rd.luks.name=" + uuid + "=home"), by_name));
    CHECK(has(text_for("rd.luks.uuid=" + uuid + " rd.luks.name=" + uuid + "=home"), by_name));
    CHECK(!has(text_for("rd.luks.uuid=" + uuid + " rd.luks.name=" + uuid + "=home"), by_uuid));
    CHECK(!has(text_for("rd.luks=0 rd.luks.uuid=" + uuid), by_uuid));
    // The container that root= itself names has its line already.
    CHECK(!has(text_for("root=UUID=" + uuid + " rd.luks.uuid=" + uuid), by_uuid));
    CHECK(Planned("root=/dev/mapper/home rd.luks.name=" + uuid + "=home").problems() == "");
    CHECK(Planned("root=/dev/mapper/home rd.luks.name=" + uuid + "=home").has("decrypt"));
}

TEST_CASE("default config: a container that nobody can mean is told of at its line") {
    const Planned bad_uuid("root=/dev/vda rd.luks.uuid=nonsense");
    CHECK_FALSE(bad_uuid.plan.ok());
    CHECK(has(bad_uuid.problems(), "(default):5:"));
    const Planned bad_name("root=/dev/vda rd.luks.name=" + std::string(kUuid) + "=a/b");
    CHECK_FALSE(bad_name.plan.ok());
    // Whatever stands there is one word, never a line or an option.
    const Planned tricky("root=/dev/vda \"rd.luks.uuid=x\\\" -> y\nreboot\"");
    CHECK_FALSE(tricky.plan.ok());
    CHECK(!tricky.has("reboot"));
}
#endif

}  // namespace prologue::tests
