// SPDX-License-Identifier: MIT
// prologue extract: an image into a folder.
#include "images/command.h"
#include "images/cpio_reader.h"
#include "images/extract.h"
#include "images/input.h"

namespace prologue::images {
namespace {

constexpr OptionRow kOptions[] = {
    {"--directory", "-C", "DIR", "where to (default: the current folder); made when missing"},
};

int run(const CommandLineWords& line) {
    const Result<Input> input = read_input(line.words.front(), Wanted::kImage);
    if (!input) return report(input.error());
    ImageContents contents = read_image(input->data);
    Archive tree = contents.tree();
    Problems& problems = contents.problems;
    tree.finish(problems);
    extract_tree(tree, line.value("--directory", "."), problems);
    problems.print();
    return problems.has_errors() ? kExitErrors : kExitClean;
}

}  // namespace

constinit const Command kExtract = {
    "extract", "IMAGE", "unpack an image, its joined archives too", kOptions, 1, 1, run};

}  // namespace prologue::images
