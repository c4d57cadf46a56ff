// SPDX-License-Identifier: MIT
#include "init/device_service.h"

#include <sys/signalfd.h>

#include "stages/coldplug.h"
#include "stages/devices/device_server.h"
#include "stages/kmod/kmod_loader.h"

namespace prologue {

void DeviceService::run() {
    const std::unique_ptr<ModuleLoader> modules = make_kmod_loader(sys_, built_in_words_);
    Coldplug coldplug(sys_, *modules);
    const sigset_t ends = block_termination();
    const Fd end(signalfd(-1, &ends, SFD_CLOEXEC));
    serve_devices(sys_, coldplug, end.get());
}

}  // namespace prologue
