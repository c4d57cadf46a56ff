// SPDX-License-Identifier: MIT
#include "init/device_service.h"

#include "stages/coldplug.h"
#include "stages/devices/device_server.h"
#include "stages/kmod/kmod_loader.h"

namespace prologue {

void DeviceService::run() {
    const std::unique_ptr<ModuleLoader> modules = make_kmod_loader(sys_, built_in_words_);
    Coldplug coldplug(sys_, *modules);
    prologue::serve_devices(sys_, coldplug);
}

}  // namespace prologue
