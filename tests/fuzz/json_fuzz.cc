// SPDX-License-Identifier: MIT
// JSON: a value or one mistake, never both; a value that is printed reads back as itself.
#include "images/json.h"

#include <algorithm>
#include <charconv>

#include "images/timeline_file.h"
#include "images/timeline_svg.h"
#include "tests/fuzz/fuzz.h"

namespace prologue::fuzz {
namespace {

using images::Json;

void print_string(std::string_view text, std::string& out) {
    out += '"';
    for (const char letter : text) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') out += '\\';
        if (byte < 0x20)
            out.append("\\u00").append({kDigits[byte >> 4], kDigits[byte & 15]});
        else
            out += letter;
    }
    out += '"';
}

void print(const Json& json, std::string& out) {
    switch (json.kind) {
        case Json::Kind::kNull: out += "null"; return;
        case Json::Kind::kBoolean: out += json.boolean ? "true" : "false"; return;
        case Json::Kind::kString: print_string(json.text, out); return;
        case Json::Kind::kNumber: {
            char digits[64];
            const auto end = std::to_chars(digits, digits + sizeof digits, json.number).ptr;
            out.append(digits, end);
            return;
        }
        case Json::Kind::kArray:
            out += '[';
            for (const Json& item : json.items) {
                print(item, out);
                out += &item == &json.items.back() ? "" : ",";
            }
            out += ']';
            return;
        case Json::Kind::kObject: break;
    }
    out += '{';
    for (const Json::Member& member : json.members) {
        print_string(member.name, out);
        out += ':';
        print(member.value, out);
        out += &member == &json.members.back() ? "" : ",";
    }
    out += '}';
}

bool same(const Json& a, const Json& b) {
    if (a.kind != b.kind || a.boolean != b.boolean || a.number != b.number || a.text != b.text)
        return false;
    return std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same) &&
           std::equal(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(),
                      [](const Json::Member& x, const Json::Member& y) {
                          return x.name == y.name && same(x.value, y.value);
                      });
}

void check_span(const config::Span& span, const config::Source& source) {
    HOLDS(span.source == &source && span.offset <= source.text.size());
    HOLDS(span.length <= source.text.size() - span.offset);
}

void check_value(const Json& json, const config::Source& source, unsigned depth) {
    HOLDS(depth <= 64);
    check_span(json.span, source);
    HOLDS(json.span.length > 0);
    for (const Json& item : json.items) check_value(item, source, depth + 1);
    for (const Json::Member& member : json.members) check_value(member.value, source, depth + 1);
    if (!json.members.empty()) HOLDS(json.find(json.members.back().name) != nullptr);
}

void check_diagnostics(const config::Diagnostics& diagnostics) {
    for (const config::Diagnostic& one : diagnostics.sorted())
        HOLDS(!one.message.empty() && is_printable(config::render(one)));
}

// The one kind of file that is read so.
void check_timeline(const config::Source& source) {
    config::Diagnostics diagnostics;
    const std::optional<images::TimelineFile> timeline = images::read_timeline(source, diagnostics);
    HOLDS(timeline.has_value() != diagnostics.has_errors());
    check_diagnostics(diagnostics);
    if (timeline) HOLDS(is_printable(images::timeline_svg(*timeline)));
}

}  // namespace

void fuzz_one(std::string_view input) {
    const config::Source source{"fuzz.json", std::string(input)};
    config::Diagnostics diagnostics;
    const std::optional<Json> json = images::parse_json(source, diagnostics);
    HOLDS(diagnostics.error_count() == (json ? 0U : 1U));
    check_diagnostics(diagnostics);
    check_timeline(source);
    if (!json) return;
    check_value(*json, source, 1);
    config::Source printed{"again.json", {}};
    print(*json, printed.text);
    const std::optional<Json> again = images::parse_json(printed, diagnostics);
    HOLDS(again && same(*json, *again));
}

}  // namespace prologue::fuzz
