// SPDX-License-Identifier: MIT
#include "images/json.h"

#include <string>

#include "images/kernel_log.h"
#include "images/timeline_file.h"
#include "images/timeline_svg.h"
#include "tests/unit/test.h"

using namespace prologue;
using namespace prologue::images;

namespace {

std::string rendered(const config::Diagnostics& diagnostics) {
    std::string text;
    for (const config::Diagnostic& one : diagnostics.sorted()) text += config::render(one);
    return text;
}

// "line:column: message" of each mistake, with ';' behind it.
std::string mistakes(const config::Diagnostics& diagnostics) {
    std::string text;
    for (const config::Diagnostic& one : diagnostics.sorted()) {
        const config::Position place = config::position_of(one.span);
        text += std::to_string(place.line) + ":" + std::to_string(place.column) + ": " +
                one.message + ";";
    }
    return text;
}

std::string json_mistake(std::string text) {
    const config::Source source{"x.json", std::move(text)};
    config::Diagnostics diagnostics;
    const std::optional<Json> json = parse_json(source, diagnostics);
    CHECK(json.has_value() != diagnostics.has_errors());
    return mistakes(diagnostics);
}

constexpr std::string_view kBoot =
    R"({"format": "prologue-timeline", "version": 1, "unit": "us",
 "milestones": [{"name": "kernel", "at": 0}, {"name": "init", "at": 1000000},
   {"name": "end", "at": 1050000}],
 "stages": [
   {"line": 1, "keyword": "modules", "text": "modules <&\"ext4\">",
    "start": 1001000, "end": 1041000, "working": 35000, "waiting": 5000, "tries": 2, "done": true},
   {"line": 2, "keyword": "mount", "text": "mount /dev/vda /newroot",
    "start": 1041000, "end": 1050000, "working": 0, "waiting": 9000, "tries": 1, "done": false}]}
)";

std::string replaced(std::string_view what, std::string_view by) {
    std::string text(kBoot);
    return text.replace(text.find(what), what.size(), by);
}

std::string timeline_mistakes(std::string text) {
    const config::Source source{"boot.json", std::move(text)};
    config::Diagnostics diagnostics;
    const bool read = read_timeline(source, diagnostics).has_value();
    CHECK(read != diagnostics.has_errors());
    return mistakes(diagnostics);
}

std::string svg_of(std::string text) {
    const config::Source source{"boot.json", std::move(text)};
    config::Diagnostics diagnostics;
    const std::optional<TimelineFile> timeline = read_timeline(source, diagnostics);
    CHECK(rendered(diagnostics) == "");
    return timeline ? timeline_svg(*timeline) : "";
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("json: every kind of value") {
    const config::Source source{
        "x.json",
        R"( {"a": [1, -2.5e3, true, false, null], "b": "x\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00", "c": {}, "a": 7} )"};
    config::Diagnostics diagnostics;
    const std::optional<Json> json = parse_json(source, diagnostics);
    CHECK(rendered(diagnostics) == "");
    if (!json) return;
    const Json* const list = json->find("a");
    CHECK(list != nullptr);
    if (list == nullptr) return;
    CHECK(list->items.size() == 5);
    CHECK(list->items[1].number == -2500);
    CHECK(list->items[2].boolean);
    CHECK(list->items[4].kind == Json::Kind::kNull);
    CHECK(json->find("b")->text == "x\"\\/\b\f\n\r\té😀");
    CHECK(json->find("c")->members.empty());
    CHECK(json->find("d") == nullptr);
}

TEST_CASE("json: every mistake has its place") {
    CHECK(json_mistake("") == "1:1: a value is missing at the end of the text;");
    CHECK(json_mistake("[1,\n 2") == "2:3: ',' or ']' belongs here;");
    CHECK(json_mistake("[1,]") == "1:4: this is no value;");
    CHECK(json_mistake("{\"a\" 1}") == "1:6: ':' belongs here;");
    CHECK(json_mistake("{\"a\": 1 \"b\"}") == "1:9: ',' or '}' belongs here;");
    CHECK(json_mistake("{a: 1}") == "1:2: a name in '\"' belongs here;");
    CHECK(json_mistake("\"a") == "1:3: the string has no end;");
    CHECK(json_mistake("\"a\\") == "1:4: the string has no end;");
    CHECK(json_mistake("\"\\x\"") == "1:3: this is no escape;");
    CHECK(json_mistake("\"\\u12\"") == "1:4: four hexadecimal digits belong here;");
    CHECK(json_mistake("\"\\ud800x\"") == "1:8: half of a character;");
    CHECK(json_mistake("\"\\ude00\"") == "1:8: half of a character;");
    CHECK(json_mistake("\"\n\"") == "1:2: a control character in a string;");
    CHECK(json_mistake("tru") == "1:1: this is no value;");
    CHECK(json_mistake("-") == "1:1: this is no number;");
    for (const char* number : {"-inf", "-nan", "1.", "1.e2", "1e", "1e+", "-x", "1e999"})
        CHECK(json_mistake(number) == "1:1: this is no number;");
    CHECK(json_mistake("007") == "1:2: something follows the value;");
    CHECK(json_mistake("0.5e-3") == "");
    CHECK(json_mistake("\"a\xff\"") == "1:3: this is no UTF-8;");
    CHECK(json_mistake("1 2") == "1:3: something follows the value;");
    CHECK(json_mistake(std::string(64, '[') + std::string(64, ']')) == "");
    CHECK(json_mistake(std::string(100'000, '[')) == "1:65: values nest more than 64 deep;");
}

TEST_CASE("timeline file: what it must have") {
    CHECK(timeline_mistakes(std::string(kBoot)) == "");
    CHECK(timeline_mistakes("[]") ==
          "1:1: 'format' is missing: a text;1:1: 'version' is missing: a number;");
    CHECK(timeline_mistakes(replaced("prologue-timeline", "x")) ==
          "1:12: this is no timeline of prologue;");
    CHECK(timeline_mistakes(replaced("\"version\": 1", "\"version\": 2")) ==
          "1:44: only version 1 is known;");
    CHECK(timeline_mistakes(replaced("\"at\": 0", "\"at\": \"0\"")) ==
          "2:42: 'at' must be a number of microseconds;");
    CHECK(timeline_mistakes(replaced("35000", "-1")) == "6:50: out of range;");
    CHECK(timeline_mistakes(replaced("\"end\": 1041000", "\"end\": 1000")) ==
          "5:4: a stage that ends before it starts;");
    CHECK(timeline_mistakes(replaced("35000", "35000000")) ==
          "5:4: a stage that worked longer than it took;");
    CHECK(timeline_mistakes(replaced("\"name\": \"end\"", "\"name\": \"fin\"")) ==
          "1:1: no milestone 'end' behind the milestone 'init';");
    CHECK(timeline_mistakes(replaced("\"stages\"", "\"stage\"")) ==
          "1:1: 'stages' is missing: a list;");
}

TEST_CASE("timeline picture: labels, durations, shares, and nothing that runs") {
    const std::string svg = svg_of(std::string(kBoot));
    CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(has(svg, "Boot: kernel 1.00 s, prologue 50.0 ms"));
    CHECK(has(svg, ">1  modules &lt;&amp;&quot;ext4&quot;&gt;</text>"));
    CHECK(has(svg, ">40.0 ms, 35.0 ms working, try 2</text>"));
    CHECK(has(svg, ">9.0 ms, 0 µs working, failed</text>"));
    CHECK(has(svg, "kernel 0 µs  ·  init 1.00 s  ·  end 1.05 s"));
    CHECK(!has(svg, "<script"));
    CHECK(!has(svg, "<&"));
}

TEST_CASE("timeline picture: any text and any times give a picture") {
    const std::string odd =
        svg_of(replaced("mount /dev/vda /newroot", "\\u0001\\n\\t]]>" + std::string(300, 'x')));
    CHECK(has(odd, "?  ]]&gt;xxx"));
    CHECK(has(odd, "…"));
    // Controls of C1 and DEL have no place in a picture, letters of every kind have.
    CHECK(has(svg_of(replaced("mount /dev/vda /newroot", "\\u007f\\u0085\\u009bя")), "???я"));
    CHECK(has(svg_of(replaced("1050000}],", "1000000}],").replace(0, 0, "")), "prologue 0 µs"));
    const std::string none = svg_of(
        R"({"format": "prologue-timeline", "version": 1, "milestones": [{"name": "end", "at": 3.1e15}], "stages": []})");
    CHECK(has(none, "</svg>"));
    CHECK(none.size() < 20'000);
}

TEST_CASE("kernel log: milestones, with or without levels and carriage returns") {
    const auto names = [](std::string_view log) {
        std::string text;
        for (const TimelineFile::Milestone& one : read_kernel_log(log))
            text += one.name + "@" + std::to_string(static_cast<long long>(one.at)) + ";";
        return text;
    };
    CHECK(names("cut off\n"
                "<6>[    1.107811] Trying to unpack rootfs image as initramfs...\r\n"
                "[    1.147585] Freeing initrd memory: 204K\n"
                "[   12.484967] Run /init as init process") ==
          "unpack initramfs@1107811;initramfs unpacked@1147585;run init@12484967;");
    for (const std::string_view log :
         {"", "<6>Run /init as init process\n", "[x] Run /init as init process\n", "[\n] ]\n",
          "<6>[12345678901234567890.123456] Run /init as init process\n", "] [1.2\n"}) {
        CAPTURE(log);
        CHECK(names(log) == "");
    }
}

TEST_CASE("kernel log: its milestones stand by their time, and none behind the end") {
    TimelineFile timeline;
    timeline.milestones = {{"kernel", 0}, {"init", 1000}, {"end", 2000}};
    add_milestones({{"unpack initramfs", 500}, {"run init", 990}, {"later", 3000}}, timeline);
    std::string names;
    for (const TimelineFile::Milestone& one : timeline.milestones) names += one.name + " ";
    CHECK(names == "kernel unpack initramfs run init init end ");
}
