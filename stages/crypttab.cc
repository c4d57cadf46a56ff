// SPDX-License-Identifier: MIT
#include "stages/crypttab.h"

#include <sys/sysmacros.h>

#include "config/scalar.h"
#include "init/base/compose.h"
#include "init/base/device_number.h"
#include "init/base/split.h"
#include "stages/luks.h"
#include "stages/stages.h"

namespace prologue {
namespace {

constexpr std::size_t kMaxCrypttab = 1024 * 1024;
constexpr std::string_view kMappings = "/dev/mapper/";
// For all disks together that the file names and that are not there: none has to be.
constexpr Duration kPatience{1'000};

// True when `mapping` stands on what the second word of a line means.
bool is_below(std::string_view word, dev_t mapping, StageContext& context) {
    const Result<Device> device = resolve_device(word, context, false);
    if (!device) return false;
    return context.sys
        .stat(compose("/sys/dev/block/{}/holders/dm-{}", device_number_text(device->number),
                      std::to_string(minor(mapping))))
        .has_value();
}

// Empty unless exactly one line is about the container below `mapping`.
std::string_view name_in(std::string_view crypttab, dev_t mapping, StageContext context) {
    context.deadline = deadline_after(context.sys.now(), kPatience);
    std::string_view found;
    while (!crypttab.empty()) {
        std::string_view line = take_part(crypttab, '\n');
        const std::string_view name = take_field(line);
        if (name.starts_with('#') || !is_below(take_field(line), mapping, context)) continue;
        if (!found.empty()) return {};
        found = name;
    }
    return found;
}

}  // namespace

Result<> take_crypttab_name(MountRequest& request, dev_t number, StageContext& context) {
    if (context.decrypt == nullptr || !request.source.starts_with(kMappings)) return {};
    const std::string crypttab =
        TRY(context.sys.read_file(request.target + "/etc/crypttab", kMaxCrypttab));
    const std::string name(name_in(crypttab, number, context));
    const std::string old = request.source.substr(kMappings.size());
    // Other letters are written otherwise in the name of the node (libdevmapper's mangling).
    if (!config::is_valid_name(name) || name == old) return {};
    TRY_VOID(context.decrypt->luks.rename(old, name));
    request.source.replace(kMappings.size(), std::string::npos, name);
    return {};
}

}  // namespace prologue
