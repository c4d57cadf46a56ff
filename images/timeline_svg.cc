// SPDX-License-Identifier: MIT
#include "images/timeline_svg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "config/utf8.h"

namespace prologue::images {
namespace {

// In pixels.
constexpr double kWidth = 1000, kMargin = 20, kLabels = 330, kNumbers = 150;
constexpr double kRow = 22, kBar = 14, kTop = 44, kOverview = 100;
constexpr std::size_t kLongestLabel = 46;  // letters that fit into kLabels

constexpr const char* kKernelColour = "#9aa5b1";
constexpr const char* kInitColour = "#2f6db5";
constexpr const char* kWaitingColour = "#a9c7ea";
constexpr const char* kFailedColour = "#c0392b";
constexpr const char* kFailedWaiting = "#e8aaa3";

std::string number(double value) {
    char text[32];
    (void)std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

// "850 µs", "12.3 ms", "1.25 s".
std::string duration(double microseconds) {
    char text[40];
    if (microseconds < 1000)
        (void)std::snprintf(text, sizeof text, "%.0f µs", microseconds);
    else if (microseconds < 1e6)
        (void)std::snprintf(text, sizeof text, "%.1f ms", microseconds / 1000);
    else
        (void)std::snprintf(text, sizeof text, "%.2f s", microseconds / 1e6);
    return text;
}

// Texts come from a file that anybody may have made, and JSON can name every character. Controls
// become '?': XML does not allow those below 0x20 at all, and advises against the others (XML 1.0,
// 2.2 Characters).
std::string escaped(std::string_view text) {
    std::string blanks(text);
    std::replace_if(
        blanks.begin(), blanks.end(), [](char letter) { return letter == '\n' || letter == '\t'; },
        ' ');
    std::string out;
    for (const char letter : config::printable(blanks)) {
        switch (letter) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += letter;
        }
    }
    return out;
}

// Cut between characters of UTF-8, not inside of one.
std::string shortened(const std::string& text) {
    std::size_t letters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
        if (++letters > kLongestLabel) return text.substr(0, i) + "…";
    }
    return text;
}

std::string text_at(double x, double y, const std::string& text, const char* more = "") {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\"" + more + ">" + escaped(text) +
           "</text>\n";
}

std::string bar(double x, double y, double width, const char* colour, const std::string& title) {
    return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" +
           number(std::max(width, 0.5)) + "\" height=\"" + number(kBar) + "\" fill=\"" + colour +
           "\"><title>" + escaped(title) + "</title></rect>\n";
}

std::string tick(double x, double top, double bottom) {
    return "<line x1=\"" + number(x) + "\" y1=\"" + number(top) + "\" x2=\"" + number(x) +
           "\" y2=\"" + number(bottom) + "\" stroke=\"#cccccc\"/>\n";
}

// From times to places.
struct Scale {
    double from, to, left, right;
    [[nodiscard]] double at(double time) const {
        const double share = to > from ? (time - from) / (to - from) : 0;
        return left + std::clamp(share, 0.0, 1.0) * (right - left);
    }
    // 1, 2 or 5 times a power of ten, so that there are about eight of them.
    [[nodiscard]] double step() const {
        const double rough = std::max((to - from) / 8, 1.0);
        const double power = std::pow(10, std::floor(std::log10(rough)));
        for (const double factor : {1.0, 2.0, 5.0})
            if (rough <= factor * power) return factor * power;
        return 10 * power;
    }
};

std::string axis(const Scale& scale, double top, double bottom) {
    std::string out;
    const double step = scale.step();
    for (double time = 0; time <= scale.to - scale.from; time += step) {
        const double x = scale.at(scale.from + time);
        out += tick(x, top, bottom);
        out += text_at(x, bottom + 13, duration(time), " class=\"small\" text-anchor=\"middle\"");
    }
    return out;
}

std::string overview(const TimelineFile& timeline) {
    const double init = timeline.at("init"), end = timeline.at("end");
    const Scale scale{0, end, kMargin, kWidth - kMargin};
    const double top = kTop + 18;
    std::string out = text_at(kMargin, kTop + 8, "from the kernel's start", " class=\"head\"");
    out += axis(scale, top, top + kBar + 6);
    out += bar(scale.at(0), top, scale.at(init) - scale.at(0), kKernelColour,
               "kernel, " + duration(init));
    out += bar(scale.at(init), top, scale.at(end) - scale.at(init), kInitColour,
               "prologue, " + duration(end - init));
    std::string list;
    for (const TimelineFile::Milestone& milestone : timeline.milestones) {
        list += (list.empty() ? "" : "  ·  ") + milestone.name + " " + duration(milestone.at);
        out += "<line x1=\"" + number(scale.at(milestone.at)) + "\" y1=\"" + number(top - 3) +
               "\" x2=\"" + number(scale.at(milestone.at)) + "\" y2=\"" + number(top + kBar) +
               "\" stroke=\"#333333\"><title>" +
               escaped(milestone.name + " at " + duration(milestone.at)) + "</title></line>\n";
    }
    return out + text_at(kMargin, top + kBar + 40, list, " class=\"small\"");
}

std::string stage_row(const TimelineStage& stage, const Scale& scale, double y) {
    const double took = stage.end - stage.start;
    const std::string numbers = duration(took) + ", " + duration(stage.working) + " working" +
                                (stage.tries > 1 ? ", try " + std::to_string(stage.tries) : "") +
                                (stage.done ? "" : ", failed");
    const std::string label = std::to_string(stage.line) + "  " + stage.text;
    const double x = scale.at(stage.start), width = scale.at(stage.end) - x;
    std::string out = text_at(kMargin, y + kBar - 3, shortened(label));
    out += bar(x, y, width, stage.done ? kWaitingColour : kFailedWaiting, label + ": " + numbers);
    if (stage.working > 0)
        out += bar(x, y, width * stage.working / std::max(took, 1.0),
                   stage.done ? kInitColour : kFailedColour, label + ": " + numbers);
    return out + text_at(kWidth - kMargin - kNumbers, y + kBar - 3, numbers, " class=\"small\"");
}

std::string legend(double y) {
    std::string out = bar(kMargin, y, kBar, kInitColour, "working");
    out += text_at(kMargin + 20, y + kBar - 3, "working");
    out += bar(kMargin + 90, y, kBar, kWaitingColour, "waiting");
    out += text_at(kMargin + 110, y + kBar - 3, "waiting for a device or the kernel");
    out += bar(kMargin + 350, y, kBar, kFailedColour, "failed");
    return out + text_at(kMargin + 370, y + kBar - 3, "failed");
}

}  // namespace

std::string timeline_svg(const TimelineFile& timeline) {
    const double init = timeline.at("init"), end = timeline.at("end");
    const double rows = kTop + kOverview + 26;
    const double bottom = rows + kRow * static_cast<double>(timeline.stages.size());
    const double height = bottom + 60;
    std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + number(kWidth) +
                      "\" height=\"" + number(height) + "\" viewBox=\"0 0 " + number(kWidth) + " " +
                      number(height) +
                      "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222222\">\n"
                      "<style>.small{font-size:10px;fill:#555555}.head{font-weight:bold}</style>\n"
                      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
    out += text_at(kMargin, 26,
                   "Boot: kernel " + duration(init) + ", prologue " + duration(end - init),
                   " font-size=\"16\"");
    out += overview(timeline);
    out += text_at(kMargin, kTop + kOverview + 8, "from the start of the init", " class=\"head\"");
    const Scale scale{init, end, kMargin + kLabels, kWidth - kMargin - kNumbers - 10};
    out += axis(scale, rows - 6, bottom + 2);
    double y = rows;
    for (const TimelineStage& stage : timeline.stages) {
        out += stage_row(stage, scale, y);
        y += kRow;
    }
    return out + legend(bottom + 34) + "</svg>\n";
}

}  // namespace prologue::images
