// SPDX-License-Identifier: MIT
// prologue minroot: an ext2 root with our init in it and little else.
#include "config/scalar.h"
#include "images/command.h"
#include "images/ext2_writer.h"
#include "images/host.h"
#include "images/minroot.h"

namespace prologue::images {
namespace {

constexpr mode_t kImageMode = 0600;  // it may hold files that are root's only

constexpr OptionRow kOptions[] = {
    {"--output", "-o", "OUT", "the image; '-' is standard output"},
    {"--size", "", "SIZE", "of the image, a multiple of 1KiB (default: 1MiB)"},
    {"--add", "", "SRC:DEST", "a file or directory; programs bring their libraries"},
    {"--init", "", "FILE", "what becomes /sbin/init (default: prologue-init beside this program)"},
};

Result<std::uint64_t> size_of(const CommandLineWords& line) {
    if (!line.has("--size")) return kMinrootSize;
    const std::string text = line.value("--size");
    const Result<std::uint64_t> size = config::parse_size(text);
    if (size) return *size;
    return fail(Error::config("'--size " + text + "': " + size.error()->detail)
                    .with_hint(size.error()->hint));
}

// The files that the image is made from, as they were named.
std::vector<std::string> inputs_of(const CommandLineWords& line) {
    std::vector<std::string> inputs = line.words;
    if (line.has("--init")) inputs.push_back(line.value("--init"));
    for (const std::string& pair : line.values("--add"))
        inputs.push_back(pair.substr(0, pair.rfind(':')));
    return inputs;
}

int run(const CommandLineWords& line) {
    if (!line.has("--output")) return usage_error("where to? '-o OUT' is missing");
    const Result<std::uint64_t> size = size_of(line);
    if (!size) return report(size.error());
    const Result<> kept = keep_inputs(line.value("--output"), inputs_of(line));
    if (!kept) return report(kept.error());
    MinrootRequest request;
    if (!line.words.empty()) request.config = line.words.front();
    request.init = line.value("--init");
    request.added = line.values("--add");
    Problems problems;
    const Archive archive = build_minroot(request, problems);
    problems.print();
    if (problems.has_errors()) return kExitErrors;
    const Result<Ext2Image> image = write_ext2(archive, *size, kMinrootLabel);
    if (!image) return report(image.error());
    const Result<> written = write_output(line.value("--output"), image->bytes, kImageMode);
    return written ? kExitClean : report(written.error());
}

}  // namespace

constinit const Command kMinroot = {
    "minroot", "[CONF] -o OUT", "build the smallest root: ext2 with our init in it", kOptions, 0, 1,
    run};

}  // namespace prologue::images
