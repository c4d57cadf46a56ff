// SPDX-License-Identifier: MIT
// What can be proved of an image for one kernel file, before the two ever meet.
#pragma once

#include <string>
#include <vector>

#include "images/image_check.h"
#include "images/kernel_file.h"
#include "images/problems.h"

namespace prologue::images {

// Every contradiction between the two becomes a problem. Given back is what is left to the boot
// itself, in the order in which it comes there: "the devices are there: UUID=… (line 3)".
std::vector<std::string> prove_image(const CheckedImage& image, const KernelFile& kernel,
                                     Problems& problems);

// The list as a text, numbered from 1; empty when nothing is left.
std::string unproved_text(const std::string& image, const KernelFile& kernel,
                          const std::vector<std::string>& unproved);

}  // namespace prologue::images
