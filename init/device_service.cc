// SPDX-License-Identifier: MIT
#include "init/device_service.h"

#include "stages/coldplug.h"
#include "stages/devices/uevent_socket.h"
#include "stages/kmod/kmod_loader.h"

namespace prologue {

void DeviceService::run() {
    Result<UeventSocket> events = UeventSocket::open(sys_);
    if (!events) return;
    const std::unique_ptr<ModuleLoader> modules = make_kmod_loader(sys_, built_in_words_);
    Coldplug coldplug(sys_, *modules);
    coldplug.rescan();
    for (;;) {
        const Result<EventBatch> batch = events->wait(kNever);
        if (!batch) return;
        tell(coldplug, *batch);
    }
}

}  // namespace prologue
