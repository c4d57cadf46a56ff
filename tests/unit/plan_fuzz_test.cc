// SPDX-License-Identifier: MIT
// Every byte sequence gives a plan or a diagnostic: changed copies of real texts, the same on every
// run. A crash, a hang or a sanitizer's word is the failure.
#include <cstdint>

#include "tests/unit/config_text.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

// xorshift64: the same numbers everywhere.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::size_t below(std::size_t bound) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return static_cast<std::size_t>(state_ % bound);
    }

  private:
    std::uint64_t state_;
};

// Pieces that mean something to the grammar; a random byte hardly ever hits one.
constexpr std::string_view kPieces[] = {
    "\n",
    " ",
    "\"",
    "\\",
    "\\\n",
    "${",
    "}",
    "$${",
    ":-",
    "->",
    " -> a",
    "=",
    "#",
    "\t",
    "\r\n",
    "${cmdline.a}",
    "${a:-b}",
    "mount ",
    "set ",
    "find ",
    "exec ",
    "modules ",
    "when=",
    "!cmdline:a",
    "exists:/a",
    "board:qemu",
    "timeout=",
    "forever",
    "retries=9",
    "UUID=",
    "PARTUUID=",
    "/dev/sda",
    "8:1",
    "/../",
    "tmpfs",
    "options=remount",
    "type=9p",
    "\xff",
    "\xc3\xa4",
    "\xe2\x82",
    "\x1b",
    "ä",
    "switch_root /newroot\n",
    "reboot\n",
    "on-failure=continue",
    "set rescue locked\n",
};

std::string mutated(std::string text, Random& random) {
    for (std::size_t n = 1 + random.below(6); n > 0; --n) {
        const std::size_t at = random.below(text.size() + 1);
        switch (random.below(5)) {
            case 0:
                text.insert(at, kPieces[random.below(std::size(kPieces))]);
                break;
            case 1:
                text.insert(at, 1, static_cast<char>(random.below(256)));
                break;
            case 2:
                text.erase(at, 1 + random.below(8));
                break;
            case 3:
                text.insert(at, text.substr(random.below(text.size() + 1), random.below(40)));
                break;
            default:
                text.resize(at);
                break;
        }
    }
    return text;
}

void check_text(const std::string& text, std::size_t variant) {
    Planned planned("fuzz.conf", text,
                    variant % 2 == 0 ? "" : "a=b quiet panic=1 prologue.timeout=5");
    planned.input.locked = variant % 3 == 0;
    planned.input.on_target = variant % 5 == 0;
    if (variant % 7 == 0) planned.input.board = "qemu";
    planned.replan();
    const std::string messages = planned.messages();
    if (!planned.plan.ok()) {
        CHECK(!messages.empty());
        return;
    }
    CHECK(!planned.plan.steps.empty());
    CHECK(planned.plan.steps.back().type->ending != Ending::kNone);
    CHECK(!format_plan(planned.plan).empty());
    (void)worst_case(planned.plan);
    for (const Step& step : planned.plan.steps) {
        const Result<Arguments> arguments = Arguments::expand(step, config::Values());
        if (!arguments) CHECK(!describe(arguments.error()).empty());
    }
}

constexpr std::string_view kTexts[] = {
    "set on-failure reboot\nset timeout 5s\nset console ttyS0\n"
    "modules virtio_pci virtio_blk loop.max_loop=8 \\\n  ext4 # drivers\n"
    "find UUID=6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b11 -> plain timeout=2min when=cmdline:a\n"
    "find LABEL=\"my \\\"root\" -> plain when=!cmdline:a\n"
    "mount plain /newroot options=noatime retries=2\n"
    "exec on-failure=continue /bin/x ${plain} \"${cmdline.x:-a b}\" -> c=d\n"
    "write /sys/x ${board.name} when=exists:/sys/x\n"
    "switch_root /newroot init=/sbin/init\n",
    "mount tmpfs /run options=mode=0755\nmount /run options=remount,ro\numount /run\npoweroff\n",
};

}  // namespace

TEST_CASE("fuzz: changed texts give a plan or a diagnostic") {
    Random random(0x70726f6c6f677565);
    for (std::size_t i = 0; i < 3000; ++i) {
        check_text(mutated(std::string(kTexts[i % std::size(kTexts)]), random), i);
    }
}

TEST_CASE("fuzz: every prefix of a text") {
    const std::string text(kTexts[0]);
    for (std::size_t i = 0; i < text.size(); ++i) check_text(text.substr(0, i), i);
}

TEST_CASE("fuzz: plain noise") {
    Random random(42);
    for (std::size_t i = 0; i < 500; ++i) {
        std::string text(random.below(400), '\0');
        for (char& c : text)
            c = static_cast<char>(random.below(i % 2 == 0 ? 256 : 96) + (i % 2 == 0 ? 0 : 32));
        check_text(text, i);
    }
}

TEST_CASE("fuzz: pieces of the grammar in any order") {
    Random random(7);
    for (std::size_t i = 0; i < 2000; ++i) {
        std::string text;
        for (std::size_t n = random.below(60); n > 0; --n)
            text += kPieces[random.below(std::size(kPieces))];
        check_text(text, i);
    }
}

TEST_CASE("fuzz: a command line of any bytes") {
    Random random(9);
    constexpr std::string_view kBytes = "a= \"-\n\t.\\\xa0";
    for (std::size_t i = 0; i < 5000; ++i) {
        std::string text;
        for (std::size_t n = random.below(30); n > 0; --n)
            text += kBytes[random.below(kBytes.size())];
        const config::CommandLine line = config::CommandLine::parse(text);
        CHECK(line.parameters().size() + line.init_arguments().size() <= text.size());
        (void)line.flag("a");
    }
}

}  // namespace prologue::tests
