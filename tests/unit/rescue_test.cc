// SPDX-License-Identifier: MIT
// The parts of the rescue shell that are pure: words, stage lines made of commands, passwords, `help`.
#include "init/rescue/commands.h"
#include "init/rescue/password.h"
#include "init/rescue/sha_crypt.h"
#include "init/rescue/typed_line.h"
#include "init/rescue/words.h"
#include "tests/trace/fake_sys.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

using rescue::Words;

class TextContext final : public rescue::CommandContext {
  public:
    using CommandContext::CommandContext;
    void write(std::string_view more) override { text += more; }
    std::string text;
};

std::string output_of(const Words& words, Sys& sys) {
    TextContext context(sys);
    (void)rescue::find_command(words[0])->run(words, context);
    return context.text;
}

std::string plan_complaints(const std::string& line) {
    const config::Source source{rescue::kTypedName.str(), line};
    const Settings settings;
    config::Values values;
    values.set_fact("disk", "/dev/vda");
    return rescue::render_all(
        rescue::plan_typed_line(source, {settings, values, "generic"}).diagnostics);
}

}  // namespace

TEST_CASE("rescue: commands as people type them become stage lines") {
    const struct {
        Words words;
        std::string_view line;
    } cases[] = {
        {{"mount", "-o", "ro", "/dev/vda", "/mnt"}, "mount /dev/vda /mnt options=ro"},
        {{"mount", "-t", "ext4", "-oro,noatime", "-r", "LABEL=a b", "/mnt"},
         "mount \"LABEL=a b\" /mnt type=ext4 options=ro,noatime,ro"},
        {{"mount", "-t", "tmpfs", "none", "/mnt"}, "mount tmpfs /mnt"},
        {{"mount", "-t", "tmpfs", "tmpfs", "/mnt"}, "mount tmpfs /mnt"},
        {{"mount", "--bind", "/a", "/b"}, "mount /a /b options=bind"},
        {{"mount", "-o", "remount,rw", "/"}, "mount / options=remount,rw"},
        {{"modprobe", "usb_storage"}, "modules usb_storage"},
        {{"modprobe", "loop", "max_loop=8"}, "modules loop loop.max_loop=8"},
        {{"umount", "/a \"b"}, "umount \"/a \\\"b\""},
        {{"umount", "/${x}"}, "umount \"/$${x}\""},
    };
    for (const auto& one : cases) {
        const Result<std::string> line = rescue::stage_line_of(one.words);
        CHECK_MESSAGE(line.has_value(), one.line);
        if (line) CHECK(*line == one.line);
    }
    for (const Words& words :
         {Words{"mount", "-o"}, Words{"mount", "-x", "/a", "/b"}, Words{"mount", "-r"},
          Words{"umount", "-l", "/a"}, Words{"modprobe", "-r", "x"}})
        CHECK_FALSE(rescue::stage_line_of(words).has_value());
}

TEST_CASE("rescue: a typed line is planned like one of a file") {
    CHECK(plan_complaints("mount disk /newroot").empty());
    CHECK(plan_complaints("switch_root /newroot").empty());
    CHECK(plan_complaints("find /dev/vda -> disk").empty());
    CHECK(
        plan_complaints("mount dsik /newroot") ==
        "(typed):1:7: error: 'dsik' is neither a device nor a name that a line before this one "
        "yields\n    1 | mount dsik /newroot\n      |       ^~~~\n  hint: did you mean 'disk'?\n");
    CHECK(plan_complaints("mont disk /x").find("did you mean 'mount'?") != std::string::npos);
    CHECK(plan_complaints("set timeout 5s").find("'set' stands in a config only") !=
          std::string::npos);
    CHECK(plan_complaints("mount ${nothing} /x").find("error: ") != std::string::npos);
}

TEST_CASE("rescue: commands that look at files") {
    fake::FakeSys sys;
    sys.root().add_dir("/d");
    sys.root().add_file("/d/file", "12345", 0640);
    sys.root().add_link("/d/link", "file");
    sys.root().add_block("/d/disk", 0xfe01);
    CHECK(output_of({"ls", "/d"}, sys) == "disk\nfile\nlink\n");
    CHECK(output_of({"ls", "-l", "/d/file"}, sys) == "-rw-r-----          5 /d/file\n");
    CHECK(output_of({"ls", "-l", "/d"}, sys).find(" link -> file\n") != std::string::npos);
    CHECK(output_of({"ls", "/none"}, sys).find("error: ") == 0);
    CHECK(output_of({"echo", "a", "b c"}, sys) == "a b c\n");
    CHECK(output_of({"mkdir", "-p", "/x/y"}, sys).empty());
    CHECK(output_of({"ls", "/x"}, sys) == "y\n");
    CHECK(output_of({"kill", "-NONSENSE", "1"}, sys) == "error: '-NONSENSE' is no signal\n");
    CHECK(output_of({"kill", "x"}, sys) == "error: 'x' is no number of a process\n");
}

TEST_CASE("rescue: help has every command and every stage, and says what is none") {
    const std::string all = rescue::help();
    for (const std::string_view name : rescue::all_names())
        CHECK_MESSAGE(all.find("  " + std::string(name)) != std::string::npos, name);
    CHECK(rescue::help_on("mount").find("type=") != std::string::npos);
    CHECK(rescue::help_on("cp").find("copy a file") != std::string::npos);
    CHECK(rescue::help_on("nothing").empty());
}

TEST_CASE("rescue: hashes of passwords are those of crypt(5)") {
    const struct {
        std::string password;
        std::string_view hash;
    } cases[] = {
        {"Hello world!",
         "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/"
         "O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"},
        {"Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
        {"",
         "$6$x$QSmr1Bx2g4O6BzKvdkgOcyU6H91X6I/XBv5pSalMhSPkwdH6Beo3F455xZJg0v//"
         "bxVK5F4OE5k1.0xuR26MK0"},
        {std::string(70, 'a'),
         "$5$rounds=1000$0123456789abcdef$RbY3XRfNETl7BhCwjiddwNphl5hjiZig.CeKP6Rxp13"},
        {"gr\xc3\xbc"
         "\xc3\x9f"
         " dich",
         "$6$rounds=1400$anotherlongsalts$"
         "xVnvUrefx44pYXS16RBJgybdPB0YbVkDv4POGBpKtFktYYWwfz9Up2z9n.wgiE7JOYxASfxpICaFi.k9qen8J1"},
    };
    for (const auto& one : cases) {
        CHECK(rescue::sha_crypt(one.password, one.hash) == one.hash);
        CHECK(rescue::sha_crypt(one.password + "x", one.hash) != one.hash);
    }
    CHECK(rescue::sha_crypt("x", "$1$salt$hash").empty());
    CHECK(rescue::sha_crypt("x", "").empty());
}

TEST_CASE("rescue: a password is typed, mended, cut off, and compared") {
    using Event = rescue::TypedPassword::Event;
    const std::string hash = rescue::sha_crypt("secret", "$5$salt");
    rescue::TypedPassword password;
    const auto type = [&](std::string_view keys) {
        for (const char key : keys) CHECK(password.take(key) == Event::kNone);
    };
    type(
        "secrxx\x7f\x08"
        "et");
    CHECK(password.take('\r') == Event::kEntered);
    CHECK(password.fits(hash));
    CHECK_FALSE(password.fits(""));
    password.clear();
    CHECK_FALSE(password.fits(hash));
    type("nonsense\x15secret");
    CHECK(password.fits(hash));
    type(std::string(10'000, 'x'));
    CHECK_FALSE(password.fits(hash));
    CHECK(password.take('\x03') == Event::kCancelled);
}

}  // namespace prologue::tests
