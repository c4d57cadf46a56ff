// SPDX-License-Identifier: MIT
#include "init/timeline.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include <linux/magic.h>

#include "config/diagnostic.h"
#include "init/base/compose.h"

namespace prologue {
namespace {

constexpr std::size_t kLongestLine = 900;

std::string microseconds(Instant time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

std::string quoted_json(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "\"";
    for (const char letter : text) {
        const unsigned char byte = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') out += '\\';
        if (byte < 0x20) {
            out += "\\u00";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += letter;
        }
    }
    return out + '"';
}

std::string_view text_of(const Step& step) {
    return std::string_view(step.line.source->text).substr(step.line.offset, step.line.length);
}

std::string stage_json(const StageTime& stage, Instant shift) {
    const Step& step = *stage.step;
    const Instant took = stage.ended - stage.began;
    const std::string what = compose("\"line\": {}, \"keyword\": {}, \"text\": {}",
                                     std::to_string(config::position_of(step.line).line),
                                     quoted_json(step.type->keyword), quoted_json(text_of(step)));
    const std::string when =
        compose("\"start\": {}, \"end\": {}, \"working\": {}, \"waiting\": {}",
                microseconds(stage.began + shift), microseconds(stage.ended + shift),
                microseconds(stage.used), microseconds(took - stage.used));
    return compose("{{},\n     {}, \"tries\": {}, \"done\": {}}", what, when,
                   std::to_string(stage.tries), stage.succeeded ? "true" : "false");
}

Result<> write_timeline(const std::string& text, Sys& sys) {
    // PID 1 itself writes, and a disk could keep it waiting.
    const std::uint64_t magic = TRY(sys.filesystem_magic("/run"));
    if (magic != TMPFS_MAGIC && magic != RAMFS_MAGIC)
        return fail(Error::refused("write", kTimelinePath.str(), "/run does not lie in memory"));
    const Result<> made = sys.make_dir(kTimelineFolder.str(), 0755);
    if (!made && made.error()->errnum != EEXIST) return made;
    return sys.create_file(kTimelinePath.str(), text, 0644);
}

}  // namespace

void Timeline::begin(const Step& step) {
    if (running_ != &step) {
        StageTime stage;
        stage.step = &step;
        stage.began = sys_.now();
        stage.used = sys_.children_time();
        stages_.push_back(stage);
        running_ = &step;
    }
    ++stages_.back().tries;
}

void Timeline::clear() {
    stages_.clear();
    running_ = nullptr;
}

void Timeline::end(const Step& step, bool succeeded) {
    if (running_ != &step) return;
    running_ = nullptr;
    StageTime& stage = stages_.back();
    stage.ended = sys_.now();
    // Children on several processors may work longer than the clock went.
    stage.used = std::min(sys_.children_time() - stage.used, stage.ended - stage.began);
    stage.succeeded = succeeded;
}

std::string timeline_json(const std::vector<StageTime>& stages, const BootTimes& boot,
                          Instant now) {
    std::string text = compose(
        "{\"format\": \"prologue-timeline\", \"version\": 1, \"unit\": \"us\",\n"
        " \"milestones\": [{\"name\": \"kernel\", \"at\": 0}, {\"name\": \"init\", \"at\": {}}, "
        "{\"name\": \"end\", \"at\": {}}],\n \"stages\": [",
        microseconds(boot.began + boot.shift), microseconds(now + boot.shift));
    for (const StageTime& stage : stages)
        text += (&stage == stages.data() ? "\n    " : ",\n    ") + stage_json(stage, boot.shift);
    return text + "]}\n";
}

std::string timeline_line(const std::vector<StageTime>& stages, const BootTimes& boot,
                          Instant now) {
    std::string text = compose("timeline (us): init {},", microseconds(boot.began + boot.shift));
    const std::string end = " end " + microseconds(now + boot.shift);
    for (const StageTime& stage : stages) {
        const std::string begins =
            compose(" {}:{} {}", std::to_string(config::position_of(stage.step->line).line),
                    stage.step->type->keyword.str(), microseconds(stage.began + boot.shift));
        const std::string more = compose(
            "{}+{}/{},", begins, microseconds(stage.ended - stage.began), microseconds(stage.used));
        if (text.size() + more.size() + end.size() > kLongestLine)
            return compose("{} …{}", text, end);
        text += more;
    }
    return text + end;
}

void leave_timeline(const Timeline& timeline, const BootTimes& boot, Sys& sys, Log& log) {
    const Instant now = sys.now();
    log.write(LogLevel::kDebug, timeline_line(timeline.stages(), boot, now));
    const Result<> written = write_timeline(timeline_json(timeline.stages(), boot, now), sys);
    if (!written) log.write(LogLevel::kDebug, describe(written.error()));
}

}  // namespace prologue
