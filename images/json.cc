// SPDX-License-Identifier: MIT
#include "images/json.h"

#include <charconv>

#include "config/utf8.h"

namespace prologue::images {
namespace {

constexpr unsigned kDeepest = 64;

void append_utf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

bool is_high_half(std::uint32_t code) {
    return code >= 0xd800 && code < 0xdc00;
}
bool is_low_half(std::uint32_t code) {
    return code >= 0xdc00 && code < 0xe000;
}

class Parser {
  public:
    Parser(const config::Source& source, config::Diagnostics& diagnostics)
        : source_(source), text_(source.text), diagnostics_(diagnostics) {}

    std::optional<Json> parse() {
        Json json;
        if (!read_value(json, 0)) return std::nullopt;
        skip_blanks();
        if (at_ == text_.size()) return json;
        (void)fail_here("something follows the value");
        return std::nullopt;
    }

  private:
    [[nodiscard]] config::Span span(std::size_t from, std::size_t length) const {
        return {&source_, static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(length)};
    }
    bool fail_here(std::string message) {
        diagnostics_.error(span(at_, at_ < text_.size() ? 1 : 0), std::move(message));
        return false;
    }
    void skip_blanks() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos)
            ++at_;
    }
    // Behind blanks.
    bool take(char letter) {
        skip_blanks();
        if (at_ == text_.size() || text_[at_] != letter) return false;
        ++at_;
        return true;
    }
    bool read_value(Json& json, unsigned depth);
    bool read_word(Json& json);
    bool skip_digits();
    bool skip_number();
    bool read_number(Json& json);
    bool read_string(std::string& out);
    bool read_escape(std::string& out);
    bool read_code(std::uint32_t& code);
    bool read_array(Json& json, unsigned depth);
    bool read_object(Json& json, unsigned depth);

    const config::Source& source_;
    std::string_view text_;
    config::Diagnostics& diagnostics_;
    std::size_t at_ = 0;
};

bool Parser::read_value(Json& json, unsigned depth) {
    skip_blanks();
    if (at_ == text_.size()) return fail_here("a value is missing at the end of the text");
    if (depth == kDeepest) return fail_here("values nest more than 64 deep");
    const std::size_t start = at_;
    bool good = false;
    switch (text_[at_]) {
        case '{': good = read_object(json, depth); break;
        case '[': good = read_array(json, depth); break;
        case '"':
            json.kind = Json::Kind::kString;
            good = read_string(json.text);
            break;
        case 't':
        case 'f':
        case 'n': good = read_word(json); break;
        default: good = read_number(json);
    }
    json.span = span(start, at_ - start);
    return good;
}

bool Parser::read_word(Json& json) {
    for (const std::string_view word : {"true", "false", "null"}) {
        if (!text_.substr(at_).starts_with(word)) continue;
        json.kind = word == "null" ? Json::Kind::kNull : Json::Kind::kBoolean;
        json.boolean = word == "true";
        at_ += word.size();
        return true;
    }
    return fail_here("this is no value");
}

bool Parser::skip_digits() {
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > start;
}

// Stricter than from_chars(), which takes "-inf", "007" and "1." as well.
bool Parser::skip_number() {
    const auto take_one_of = [this](std::string_view letters) {
        const bool is_one = at_ < text_.size() && letters.find(text_[at_]) != letters.npos;
        if (is_one) ++at_;
        return is_one;
    };
    (void)take_one_of("-");
    if (!take_one_of("0") && !skip_digits()) return false;
    if (take_one_of(".") && !skip_digits()) return false;
    if (!take_one_of("eE")) return true;
    (void)take_one_of("+-");
    return skip_digits();
}

bool Parser::read_number(Json& json) {
    const char first = text_[at_];
    if (first != '-' && (first < '0' || first > '9')) return fail_here("this is no value");
    json.kind = Json::Kind::kNumber;
    const std::size_t start = at_;
    const bool is_sound = skip_number();
    const auto [end, error] =
        std::from_chars(text_.data() + start, text_.data() + at_, json.number);
    if (is_sound && error == std::errc{} && end == text_.data() + at_) return true;
    at_ = start;
    return fail_here("this is no number");
}

bool Parser::read_code(std::uint32_t& code) {
    const std::string_view digits = text_.substr(at_, 4);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc{} || end != digits.data() + 4)
        return fail_here("four hexadecimal digits belong here");
    at_ += 4;
    return true;
}

bool Parser::read_escape(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
    if (at_ == text_.size()) return fail_here("the string has no end");
    const std::size_t which = kLetters.find(text_[at_]);
    if (which != std::string_view::npos) {
        out += kMeant[which];
        ++at_;
        return true;
    }
    if (text_[at_] != 'u') return fail_here("this is no escape");
    ++at_;
    std::uint32_t code = 0;
    if (!read_code(code)) return false;
    if (is_high_half(code)) {
        std::uint32_t low = 0;
        if (!text_.substr(at_).starts_with("\\u")) return fail_here("half of a character");
        at_ += 2;
        if (!read_code(low)) return false;
        if (!is_low_half(low)) return fail_here("half of a character");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (is_low_half(code)) {
        return fail_here("half of a character");
    }
    append_utf8(out, code);
    return true;
}

bool Parser::read_string(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
        const char letter = text_[at_];
        if (static_cast<unsigned char>(letter) < 0x20)
            return fail_here("a control character in a string");
        const config::Character character = config::character_at(text_, at_);
        if (!character.valid) return fail_here("this is no UTF-8");
        at_ += character.length;
        if (letter == '"') return true;
        if (letter != '\\')
            out += text_.substr(at_ - character.length, character.length);
        else if (!read_escape(out))
            return false;
    }
    return fail_here("the string has no end");
}

bool Parser::read_array(Json& json, unsigned depth) {
    json.kind = Json::Kind::kArray;
    ++at_;
    if (take(']')) return true;
    do {
        if (!read_value(json.items.emplace_back(), depth + 1)) return false;
    } while (take(','));
    return take(']') || fail_here("',' or ']' belongs here");
}

bool Parser::read_object(Json& json, unsigned depth) {
    json.kind = Json::Kind::kObject;
    ++at_;
    if (take('}')) return true;
    do {
        skip_blanks();
        if (at_ == text_.size() || text_[at_] != '"')
            return fail_here("a name in '\"' belongs here");
        auto& [name, value] = json.members.emplace_back();
        if (!read_string(name)) return false;
        if (!take(':')) return fail_here("':' belongs here");
        if (!read_value(value, depth + 1)) return false;
    } while (take(','));
    return take('}') || fail_here("',' or '}' belongs here");
}

}  // namespace

const Json* Json::find(std::string_view name) const {
    for (const auto& [key, value] : members)
        if (key == name) return &value;
    return nullptr;
}

std::optional<Json> parse_json(const config::Source& source, config::Diagnostics& diagnostics) {
    return Parser(source, diagnostics).parse();
}

}  // namespace prologue::images
