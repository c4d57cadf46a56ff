// SPDX-License-Identifier: MIT
#include "stages/device_spec.h"

#include "tests/unit/test.h"

namespace prologue {

using Kind = DeviceSpec::Kind;

TEST_CASE("device_spec: every form") {
    const struct {
        std::string_view text;
        Kind kind;
        std::string_view value;
    } cases[] = {
        {"UUID=6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b11", Kind::kUuid,
         "6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b11"},
        {"UUID=1234-ABCD", Kind::kUuid, "1234-ABCD"},
        {"UUID=01D9A3C2B5E4F607", Kind::kUuid, "01D9A3C2B5E4F607"},
        {"UUID=2024-01-31-12-00-00-00", Kind::kUuid, "2024-01-31-12-00-00-00"},
        {"UUID=\"1234-ABCD\"", Kind::kUuid, "1234-ABCD"},
        {"LABEL=my root", Kind::kLabel, "my root"},
        {"LABEL=раздел3", Kind::kLabel, "раздел3"},
        {"PARTUUID=0b5b0ff1-01", Kind::kPartUuid, "0b5b0ff1-01"},
        {"PARTUUID=6A1C4E5E-8D1C-4F0E-9A59-0D2F5D3C7B11", Kind::kPartUuid,
         "6A1C4E5E-8D1C-4F0E-9A59-0D2F5D3C7B11"},
        {"PARTLABEL=root/x", Kind::kPartLabel, "root/x"},
        {"/dev/vda1", Kind::kPath, "/dev/vda1"},
        {"/dev/mapper/a-b", Kind::kPath, "/dev/mapper/a-b"},
        {"/dev/disk/by-uuid/1234-ABCD", Kind::kUuid, "1234-ABCD"},
        {"/dev/disk/by-label/my\\x20root", Kind::kLabel, "my root"},
        {"/dev/disk/by-label/a\\xb", Kind::kLabel, "a\\xb"},
        {"/dev/disk/by-partuuid/0b5b0ff1-01", Kind::kPartUuid, "0b5b0ff1-01"},
        {"/dev/disk/by-partlabel/x", Kind::kPartLabel, "x"},
        {"8:1", Kind::kNumber, "8:1"},
    };
    for (const auto& one : cases) {
        INFO(one.text);
        CHECK(looks_like_device_spec(one.text));
        const Result<DeviceSpec> spec = parse_device_spec(one.text);
        REQUIRE_OK(spec);
        CHECK(spec->kind == one.kind);
        CHECK(spec->value == one.value);
        CHECK(spec->text == one.text);
        CHECK(spec->matches_text(one.value));
    }
}

TEST_CASE("device_spec: numbers") {
    const Result<DeviceSpec> decimal = parse_device_spec("259:70000");
    REQUIRE_OK(decimal);
    CHECK(decimal->major == 259);
    CHECK(decimal->minor == 70000);
    const Result<DeviceSpec> hexadecimal = parse_device_spec("0801");
    REQUIRE_OK(hexadecimal);
    CHECK(hexadecimal->kind == Kind::kNumber);
    CHECK(hexadecimal->major == 8);
    CHECK(hexadecimal->minor == 1);
    const Result<DeviceSpec> large = parse_device_spec("11110370");  // new_encode_dev()
    REQUIRE_OK(large);
    CHECK(large->major == 259);
    CHECK(large->minor == 70000);
    CHECK(!looks_like_device_spec("0801"));
}

TEST_CASE("device_spec: PARTNROFF") {
    const Result<DeviceSpec> spec = parse_device_spec("PARTUUID=0b5b0ff1-01/PARTNROFF=-2");
    REQUIRE_OK(spec);
    CHECK(spec->value == "0b5b0ff1-01");
    CHECK(spec->partition_offset == -2);
    for (const std::string_view bad :
         {"PARTUUID=0b5b0ff1-01/PARTNROFF=", "PARTUUID=0b5b0ff1-01/PARTNROFF=1x",
          "PARTUUID=0b5b0ff1-01/PARTNROFF=99999999999"}) {
        INFO(bad);
        CHECK(!parse_device_spec(bad).has_value());
    }
}

TEST_CASE("device_spec: wrong forms say which ones there are") {
    for (const std::string_view bad : {"",
                                       "x",
                                       "vda1",
                                       "UUID=",
                                       "LABEL=",
                                       "PARTUUID=",
                                       "PARTLABEL=",
                                       "UUID=\"\"",
                                       "UUID=xyz",
                                       "UUID=6a1c4e5e-8d1c-4f0e-9a59-0d2f5d3c7b1",
                                       "UUID=6a1c4e5e8-d1c-4f0e-9a59-0d2f5d3c7b11",
                                       "PARTUUID=0b5b0ff1",
                                       "PARTUUID=0b5b0ff1-1",
                                       "PARTUUID=0b5b0ff1-001",
                                       "uuid=1234-ABCD",
                                       "/dev/",
                                       "/dev",
                                       "/dev/../etc/passwd",
                                       "/dev//vda",
                                       "/dev/vda/",
                                       "/dev/./vda",
                                       "/dev/disk/by-id/x",
                                       "/dev/disk/by-uuid/",
                                       "8:",
                                       ":1",
                                       "8:1:2",
                                       "4096:0",
                                       "8:1048576",
                                       "99999999999:0",
                                       "fffffffff",
                                       "8:-1"}) {
        INFO(bad);
        const Result<DeviceSpec> spec = parse_device_spec(bad);
        CHECK(!spec.has_value());
        if (spec) continue;
        CHECK(spec.error()->kind == ErrorKind::kConfig);
        CHECK(!spec.error()->detail.empty());
        CHECK(!spec.error()->hint.empty());
    }
}

TEST_CASE("device_spec: hexadecimal digits compare without case, labels exactly") {
    CHECK(parse_device_spec("UUID=1234-abcd")->matches_text("1234-ABCD"));
    CHECK(!parse_device_spec("UUID=1234-abcd")->matches_text("1234-abc"));
    CHECK(parse_device_spec("PARTUUID=0B5B0FF1-01")->matches_text("0b5b0ff1-01"));
    CHECK(!parse_device_spec("LABEL=Root")->matches_text("root"));
    CHECK(!parse_device_spec("PARTLABEL=Root")->matches_text("root"));
}

}  // namespace prologue
