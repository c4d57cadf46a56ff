// SPDX-License-Identifier: MIT
// board/qemu: virtual machines under QEMU on x86_64, with KVM or with its own emulation.
// Source: QEMU docs/specs/fw_cfg, Linux drivers/firmware/qemu_fw_cfg.c, hw/misc/debugexit.c.
#include "board/boards.h"

#include <cerrno>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/io.h>
#endif

#include "config/line.h"
#include "config/scalar.h"
#include "config/source.h"

namespace prologue {
namespace {

constexpr Literal kDeviceModules[] = {"sd_mod",       "nvme", "virtio_net", "virtio_rng",
                                      "9pnet_virtio", "9p",   "virtiofs",   "qemu_fw_cfg"};
constexpr DriverBundle kDevices = {"Other devices", kDeviceModules};
constexpr const DriverBundle* kBundles[] = {&kVirtioDisks, &kDevices, &kWatchdogs};

constexpr Literal kFirmwareDirectory = "/sys/firmware/qemu_fw_cfg";
constexpr Literal kConfigItem = "/sys/firmware/qemu_fw_cfg/by_name/opt/prologue/config/raw";

#if defined(__x86_64__)
// CPUID leaf 0x40000000 carries the hypervisor's signature where leaf 1 says that there is one
// (Linux Documentation/virt/kvm/x86/cpuid.rst).
bool cpuid_says_qemu() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & (1U << 31)) == 0) return false;
    char signature[12];
    __cpuid(0x40000000, a, b, c, d);
    __builtin_memcpy(signature, &b, 4);
    __builtin_memcpy(signature + 4, &c, 4);
    __builtin_memcpy(signature + 8, &d, 4);
    const std::string_view text(signature, sizeof signature);
    return text == "TCGTCGTCGTCG";
}
#else
bool cpuid_says_qemu() {
    return false;
}
#endif

// KVM's own signature is not asked for: other virtual machine monitors use KVM as well.
bool detect_qemu(Sys& sys) {
    // The processor first: it answers without a file.
    return cpuid_says_qemu() || read_board_line(sys, "/sys/class/dmi/id/sys_vendor") == "QEMU";
}

// The driver is there already, or the image carries it under the path that the kernel gives it.
bool may_have_config(Sys& sys) {
    if (sys.stat(kFirmwareDirectory.str())) return true;
    const std::string directory = "/lib/modules/" + sys.kernel_release();
    return sys.stat(directory + "/kernel/drivers/firmware/qemu_fw_cfg.ko").has_value();
}

Result<std::optional<std::string>> outside_config(Sys& sys, ModuleLoader& modules) {
    if (!sys.stat(kFirmwareDirectory.str())) TRY_VOID(modules.load("qemu_fw_cfg", ""));
    Result<std::string> text = sys.read_file(kConfigItem.str(), config::kMaxSourceBytes);
    if (text) return std::optional<std::string>(std::move(*text));
    if (text.error()->errnum == ENOENT) return std::nullopt;
    return fail(std::move(text).error());
}

// `prologue.debug-exit=PORT` on the command line of a machine with `-device isa-debug-exit`: QEMU
// ends with status (value << 1) | 1. Without the word the port is never touched.
void end_test(const config::CommandLine& command_line, bool success) {
#if defined(__x86_64__)
    const config::Parameter* word = command_line.last("prologue.debug-exit");
    if (word == nullptr) return;
    const Result<std::uint64_t> port = config::parse_number(word->value.value_or("244"));
    if (!port || *port > 0xffff || iopl(3) != 0) return;
    outb(success ? 0x10 : 0x11, static_cast<unsigned short>(*port));
#else
    (void)command_line;
    (void)success;
#endif
}

}  // namespace

constinit const Board kQemuBoard = {
    "qemu", "virtual machines under QEMU", detect_qemu, may_have_config, outside_config, end_test};
constinit const BoardDrivers kQemuDrivers = {"qemu", kBundles};

}  // namespace prologue
