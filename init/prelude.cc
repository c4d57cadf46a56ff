// SPDX-License-Identifier: MIT
#include "init/prelude.h"

#include <cerrno>

#include <sys/mount.h>

#include "config/embedded.h"
#include "config/line.h"
#include "init/base/compose.h"
#include "init/base/split.h"

namespace prologue {
namespace {

struct FlagWord {
    Literal word;
    unsigned long flag;
};
constexpr FlagWord kFlagWords[] = {
    {"nosuid", MS_NOSUID},           {"nodev", MS_NODEV},
    {"noexec", MS_NOEXEC},           {"ro", MS_RDONLY},
    {"noatime", MS_NOATIME},         {"relatime", MS_RELATIME},
    {"strictatime", MS_STRICTATIME},
};

// Where `mount TYPE DIR type= options=` keeps its words.
enum : std::size_t { kTypeAt, kDirectoryAt, kOptionsAt = 3 };

bool is_early(std::string_view directory) {
    return directory == "/dev" || directory == "/proc" || directory == "/sys";
}

Result<> mount_directory(std::string_view type, const std::string& directory,
                         std::string_view options, Sys& sys) {
    const Result<> made = sys.make_dir(directory, 0755);
    if (!made && made.error()->errnum != EEXIST && made.error()->errnum != EROFS) return made;
    const Result<> mounted = sys.mount(mount_call(type, directory, options));
    // EBUSY: the same filesystem is mounted there already (CONFIG_DEVTMPFS_MOUNT on a real root).
    if (!mounted && mounted.error()->errnum != EBUSY) return mounted;
    return {};
}

Result<> mount_line(const config::Line& line, Sys& sys) {
    std::string type, directory, options;
    for (const config::Token& token : line.tokens) {
        if (token.kind == config::Token::Kind::kOption) {
            options = token.option.value.text();
        } else if (type.empty()) {
            type = token.word.text();
        } else {
            directory = token.word.text();
        }
    }
    if (!is_early(directory)) return {};
    return mount_directory(type, directory, options, sys);
}

}  // namespace

config::Source prelude_source() {
    return {"(prelude)", std::string(config::kPreludeConf)};
}

Result<> mount_early_prelude(const config::Source& prelude, Sys& sys) {
    config::Diagnostics diagnostics;
    Result<> first;
    for (const config::Line& line : config::parse_lines(prelude, diagnostics)) {
        Result<> mounted = mount_line(line, sys);
        if (!mounted && first) first = std::move(mounted);
    }
    return first;
}

Result<StageOutcome> run_prelude(const Step& step, Sys& sys) {
    const config::Word* options = step.find(kOptionsAt);
    const std::string type = step.find(kTypeAt)->text();
    const std::string directory = step.find(kDirectoryAt)->text();
    TRY_VOID(mount_directory(type, directory, options != nullptr ? options->text() : "", sys));
    StageOutcome outcome;
    outcome.summary = compose("{} on {}", type, directory);
    return outcome;
}

bool prelude_is_mounted(const Step& step, const std::vector<MountEntry>& mounts) {
    const config::Word* type = step.find(kTypeAt);
    const config::Word* directory = step.find(kDirectoryAt);
    if (type == nullptr || directory == nullptr) return false;
    const MountEntry* present = mount_at(mounts, directory->text());
    return present != nullptr && present->type == type->text();
}

MountCall mount_call(std::string_view type, std::string_view target, std::string_view options) {
    MountCall call{std::string(type), std::string(target), std::string(type), 0, {}};
    while (!options.empty()) {
        const std::string_view option = take_part(options, ',');
        unsigned long flag = 0;
        for (const FlagWord& known : kFlagWords) {
            if (option == known.word.view()) flag = known.flag;
        }
        call.flags |= flag;
        if (flag == 0) call.data += (call.data.empty() ? "" : ",") + std::string(option);
    }
    return call;
}

}  // namespace prologue
