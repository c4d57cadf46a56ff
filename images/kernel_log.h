// SPDX-License-Identifier: MIT
// What the kernel itself did before the init, from its log: dmesg(1), or what a serial line showed.
#pragma once

#include <string_view>
#include <vector>

#include "images/timeline_file.h"

namespace prologue::images {

// The milestones that are known, in the order of the log. Lines without a time stamp (printk.time=0)
// say nothing.
std::vector<TimelineFile::Milestone> read_kernel_log(std::string_view log);

// The same, put among those of the timeline by their time.
void add_milestones(const std::vector<TimelineFile::Milestone>& more, TimelineFile& timeline);

}  // namespace prologue::images
