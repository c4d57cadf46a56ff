// SPDX-License-Identifier: MIT
// Reading JSON (RFC 8259): any bytes give a value or a diagnostic at a line and column.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"

namespace prologue::images {

struct Json {
    struct Member;
    enum class Kind : std::uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };
    Kind kind = Kind::kNull;
    bool boolean = false;
    double number = 0;
    std::string text;             // a string's, in UTF-8
    std::vector<Json> items;      // of an array
    std::vector<Member> members;  // of an object, in their order
    config::Span span;            // where it stands

    // The first member of this name; null when there is none, or no object.
    [[nodiscard]] const Json* find(std::string_view name) const;
};

struct Json::Member {
    std::string name;
    Json value;
};

// The one value that the text is. nullopt after an error, of which there is one: what follows a
// mistake could mean anything. Values nest at most 64 deep.
std::optional<Json> parse_json(const config::Source& source, config::Diagnostics& diagnostics);

}  // namespace prologue::images
