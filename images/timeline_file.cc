// SPDX-License-Identifier: MIT
#include "images/timeline_file.h"

#include "images/json.h"

namespace prologue::images {
namespace {

// A hundred years: no boot takes longer, and all that is calculated stays exact.
constexpr double kLatest = 3.2e15;

class Reader {
  public:
    explicit Reader(config::Diagnostics& diagnostics) : diagnostics_(diagnostics) {}
    TimelineFile read(const Json& json);

  private:
    const Json* member(const Json& object, std::string_view name, Json::Kind kind,
                       std::string_view what);
    double time(const Json& object, std::string_view name) {
        return number(object, name, "a number of microseconds", kLatest);
    }
    double number(const Json& object, std::string_view name, std::string_view what, double most);
    std::string text(const Json& object, std::string_view name);
    TimelineStage stage(const Json& json);

    config::Diagnostics& diagnostics_;
};

const Json* Reader::member(const Json& object, std::string_view name, Json::Kind kind,
                           std::string_view what) {
    const Json* const found = object.find(name);
    if (found != nullptr && found->kind == kind) return found;
    const std::string quoted = "'" + std::string(name) + "'";
    if (found != nullptr)
        diagnostics_.error(found->span, quoted + " must be " + std::string(what));
    else
        diagnostics_.error({object.span.source, object.span.offset, 1},
                           quoted + " is missing: " + std::string(what));
    return nullptr;
}

double Reader::number(const Json& object, std::string_view name, std::string_view what,
                      double most) {
    const Json* const found = member(object, name, Json::Kind::kNumber, what);
    if (found == nullptr) return 0;
    if (found->number >= 0 && found->number <= most) return found->number;
    diagnostics_.error(found->span, "out of range");
    return 0;
}

std::string Reader::text(const Json& object, std::string_view name) {
    const Json* const found = member(object, name, Json::Kind::kString, "a text");
    return found != nullptr ? found->text : std::string();
}

TimelineStage Reader::stage(const Json& json) {
    TimelineStage stage;
    stage.line = static_cast<std::uint32_t>(number(json, "line", "a number of a line", 1e9));
    stage.keyword = text(json, "keyword");
    stage.text = text(json, "text");
    stage.start = time(json, "start");
    stage.end = time(json, "end");
    stage.working = time(json, "working");
    stage.tries = static_cast<std::uint32_t>(number(json, "tries", "a count", 1e9));
    const Json* const done = member(json, "done", Json::Kind::kBoolean, "true or false");
    stage.done = done != nullptr && done->boolean;
    if (stage.end < stage.start || stage.working > stage.end - stage.start)
        diagnostics_.error({json.span.source, json.span.offset, 1},
                           stage.end < stage.start ? "a stage that ends before it starts"
                                                   : "a stage that worked longer than it took");
    return stage;
}

TimelineFile Reader::read(const Json& json) {
    TimelineFile file;
    const Json* const format = member(json, "format", Json::Kind::kString, "a text");
    if (format != nullptr && format->text != "prologue-timeline")
        diagnostics_.error(format->span, "this is no timeline of prologue");
    const Json* const version = member(json, "version", Json::Kind::kNumber, "a number");
    if (version != nullptr && version->number != 1)
        diagnostics_.error(version->span, "only version 1 is known");
    if (diagnostics_.has_errors()) return file;
    if (const Json* list = member(json, "milestones", Json::Kind::kArray, "a list"))
        for (const Json& one : list->items)
            file.milestones.push_back({text(one, "name"), time(one, "at")});
    if (const Json* list = member(json, "stages", Json::Kind::kArray, "a list"))
        for (const Json& one : list->items) file.stages.push_back(stage(one));
    if (!diagnostics_.has_errors() && (file.at("end") <= 0 || file.at("init") > file.at("end")))
        diagnostics_.error({json.span.source, json.span.offset, 1},
                           "no milestone 'end' behind the milestone 'init'");
    return file;
}

}  // namespace

double TimelineFile::at(std::string_view name) const {
    for (const Milestone& milestone : milestones)
        if (milestone.name == name) return milestone.at;
    return 0;
}

std::optional<TimelineFile> read_timeline(const config::Source& source,
                                          config::Diagnostics& diagnostics) {
    const std::optional<Json> json = parse_json(source, diagnostics);
    if (!json) return std::nullopt;
    TimelineFile file = Reader(diagnostics).read(*json);
    if (diagnostics.has_errors()) return std::nullopt;
    return file;
}

}  // namespace prologue::images
