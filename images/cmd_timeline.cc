// SPDX-License-Identifier: MIT
// prologue timeline: a picture of one boot.
#include "images/command.h"
#include "images/host.h"
#include "images/kernel_log.h"
#include "images/problems.h"
#include "images/timeline_svg.h"

namespace prologue::images {
namespace {

constexpr std::size_t kReadLimit = std::size_t{4} * 1024 * 1024;  // no boot has so many stages

constexpr OptionRow kOptions[] = {
    {"--output", "-o", "OUT", "the picture, as SVG; '-' is standard output"},
    {"--log", "", "FILE", "the kernel's log of that boot, as of dmesg: adds its milestones"},
};

int run(const CommandLineWords& line) {
    if (!line.has("--output")) return usage_error("where to? '-o OUT' is missing");
    std::vector<std::string> inputs = line.words;
    if (line.has("--log")) inputs.push_back(line.value("--log"));
    const Result<> kept = keep_inputs(line.value("--output"), inputs);
    if (!kept) return report(kept.error());
    Result<std::string> text = read_file(line.words.front(), kReadLimit);
    if (!text) return report(text.error());
    const config::Source source{line.words.front(), std::move(*text)};
    config::Diagnostics diagnostics;
    std::optional<TimelineFile> timeline = read_timeline(source, diagnostics);
    Problems problems;
    problems.add(diagnostics);
    problems.print();
    if (!timeline) return kExitErrors;
    if (line.has("--log")) {
        const Result<std::string> log = read_file(line.value("--log"));
        if (!log) return report(log.error());
        add_milestones(read_kernel_log(*log), *timeline);
    }
    const Result<> written = write_output(line.value("--output"), timeline_svg(*timeline), 0644);
    return written ? kExitClean : report(written.error());
}

}  // namespace

constinit const Command kTimeline = {"timeline",
                                     "FILE -o OUT.svg",
                                     "draw the timeline that a boot has left in /run/prologue",
                                     kOptions,
                                     1,
                                     1,
                                     run};

}  // namespace prologue::images
