// SPDX-License-Identifier: MIT
#include "stages/devices/uevent.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "init/base/sys_linux.h"
#include "stages/devices/uevent_socket.h"

using namespace prologue;

namespace {

using namespace std::string_view_literals;

std::optional<Uevent> parse(std::string_view text) {
    return parse_uevent({text.data(), text.size()});
}

}  // namespace

TEST_CASE("uevent: a message of the kernel") {
    const auto event = parse(
        "add@/devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda1\0ACTION=add\0"
        "DEVPATH=/devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda1\0SUBSYSTEM=block\0"
        "MAJOR=254\0MINOR=1\0DEVNAME=vda1\0DEVTYPE=partition\0PARTN=1\0SEQNUM=812\0"sv);
    REQUIRE(event.has_value());
    CHECK(event->action == "add");
    CHECK(event->devpath == "/devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda1");
    CHECK(event->subsystem == "block");
    CHECK(event->name() == "vda1");
    CHECK(event->modalias.empty());
}

TEST_CASE("uevent: a device that asks for a driver") {
    const auto event = parse(
        "add@/devices/pci0000:00/0000:00:05.0\0SUBSYSTEM=pci\0"
        "MODALIAS=pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00\0"sv);
    REQUIRE(event.has_value());
    CHECK(event->modalias == "pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00");
}

TEST_CASE("uevent: what is not the kernel's is nothing") {
    const std::string_view cases[] = {
        ""sv,
        "\0"sv,
        "libudev\0\xfe\xed\xca\xfe"sv,
        "add"sv,
        "@/devices/x"sv,
        "add@"sv,
        "add@devices/x"sv,
        "\xff\xfe\xfd"sv,
        "\0add@/devices/x\0"sv,
    };
    for (const std::string_view text : cases) CHECK_FALSE(parse(text).has_value());
}

TEST_CASE("uevent: odd bytes do no harm") {
    CHECK(parse("change@/devices/x"sv)->subsystem.empty());
    CHECK(parse("change@/devices/x\0SUBSYSTEM=bl"sv)->subsystem == "bl");
    CHECK(parse("change@/devices/x\0\0\0=\0SUBSYSTEM\0SUBSYSTEM=block"sv)->subsystem == "block");
    CHECK(parse("change@/\0"sv)->name().empty());

    std::string bytes = "add@/";
    for (int i = 0; i < 4096; ++i) bytes += static_cast<char>(i * 167 % 256);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        (void)parse(std::string_view(bytes).substr(0, size));
    }
}

TEST_CASE("uevent: the socket opens and keeps its deadline") {
    LinuxSys sys;
    auto socket = UeventSocket::open(sys);
    if (!socket) {
        MESSAGE("SKIPPED: no uevent socket here: " << describe(socket.error()));
        return;
    }
    // The machine may send something meanwhile, so only the end of the wait is certain.
    const Instant deadline = socket->now() + std::chrono::milliseconds(30);
    for (;;) {
        const auto batch = socket->wait(deadline);
        REQUIRE(batch.has_value());
        if (batch->timed_out) break;
    }
    CHECK(socket->now() >= deadline);
}
