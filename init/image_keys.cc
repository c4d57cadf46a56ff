// SPDX-License-Identifier: MIT
#include "init/image_keys.h"

#include <algorithm>

#include "init/base/split.h"
#include "init/report.h"
#include "init/stage_runner.h"
#include "stages/luks/tools.h"
#include "stages/stages.h"

namespace prologue {
namespace {

constexpr Duration kBound{2'000};

std::vector<std::string> paths_of(const Plan& plan, const config::Values& values) {
    std::vector<std::string> paths;
    for (const Step& step : plan.steps) {
        const config::Word* word = key_in_image(step);
        if (word == nullptr) continue;
        // One that has no value was never read; "prompt" may be one.
        const std::string path = config::expand(*word, values).value_or("");
        const bool is_new = std::find(paths.begin(), paths.end(), path) == paths.end();
        if (path.starts_with('/') && is_new) paths.push_back(path);
    }
    return paths;
}

// The outcome's summary lists the files that were destroyed, a line each.
class DestroyTask final : public ChildTask {
  public:
    DestroyTask(Sys& sys, const std::vector<std::string>& paths) : sys_(sys), paths_(paths) {}
    std::string run() override { return encode_report(destroy()); }

  private:
    Result<StageOutcome> destroy() {
        const std::unique_ptr<KeySource> keys = make_key_files(sys_, paths_);
        StageOutcome outcome;
        Result<> first;
        for (const std::string& path : paths_) {
            const Result<bool> gone = keys->destroy(path);
            if (!gone && first) first = fail(gone.error());
            if (gone && *gone) outcome.summary += path + "\n";
        }
        if (!first) return fail(first.error());
        return outcome;
    }

    Sys& sys_;
    const std::vector<std::string>& paths_;
};

}  // namespace

Result<> ImageKeys::destroy(const Plan& plan, const config::Values& values) {
    const std::vector<std::string> paths = paths_of(plan, values);
    if (paths.empty()) return {};
    const std::vector<MountEntry> mounts = TRY(read_mounts(sys_));
    if (!TRY(root_is_rootfs(mounts, sys_))) return {};
    DestroyTask task(sys_, paths);
    const Instant deadline = deadline_after(sys_.now(), kBound);
    const ChildEnd end = TRY(supervisor_.run_child("keys", task, deadline));
    // The machine stops at once: no shell opens.
    if (end.kind == ChildEnd::Kind::kStopped) return {};
    const StageOutcome outcome = TRY(outcome_of(end, "overwrite keys", kBound));
    std::string_view rest = outcome.summary;
    while (!rest.empty()) gone_.emplace_back(take_part(rest, '\n'));
    return {};
}

}  // namespace prologue
