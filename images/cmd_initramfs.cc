// SPDX-License-Identifier: MIT
// prologue initramfs: a bootable cpio, or the kernel's own list of one.
#include "images/command.h"
#include "images/cpio_writer.h"
#include "images/host.h"
#include "images/initramfs.h"
#include "images/listing.h"
#include "images/machine/host_image.h"

namespace prologue::images {
namespace {

constexpr mode_t kImageMode = 0600;  // an image may hold keys, and the files of a root only

constexpr OptionRow kOptions[] = {
    {"--output", "-o", "OUT", "the image; '-' is standard output"},
    {"--kernel", "-k", "VERSION", "modules of this kernel (default: the running one)"},
    {"--modules", "", "DIR", "a lib/modules/VERSION, or a root that has one; 'none'"},
    {"--for", "", "BOARD|host",
     "add the drivers of a board, or of this machine; without CONF 'host' is its config too"},
    {"--sysroot", "", "DIR",
     "with '--for host': the machine whose /proc, /sys, /dev, /etc are in DIR"},
    {"--add", "", "SRC:DEST", "a file or directory; programs bring their libraries"},
    {"--from", "", "LIST|DIR", "start from a gen_init_cpio list or a directory"},
    {"--format", "", "FORM", "cpio (default), or list for CONFIG_INITRAMFS_SOURCE", "cpio list"},
    {"--compress", "", "HOW", "gzip, zstd, xz, lz4, none (default: none up to 2 MiB, then gzip)",
     "gzip zstd xz lz4 none"},
    {"--microcode", "", "FILE", "early microcode, as cpio or bare update"},
    {"--init", "", "FILE", "what becomes /init (default: prologue-init beside this program)"},
    {"--luks-header", "", "FILE",
     "a LUKS disk or its header: bring its ciphers, not the usual ones"},
    {"--unsigned-modules", "", "", "modules without their signatures: verify the image as a whole"},
    {"--strict", "", "", "write nothing after a warning: for missing firmware, say"},
    {"--locked", "", "", "no shell, and the command line steers nothing"},
};

Result<> write_contents(const Archive& archive, const std::string& directory) {
    for (const Entry* entry : archive.in_order()) {
        if (entry->kind != EntryKind::kFile || is_on_disk(*entry)) continue;
        TRY_VOID(make_directory(directory, 0700));
        for (std::size_t slash = entry->path.find('/'); slash != std::string::npos;
             slash = entry->path.find('/', slash + 1))
            TRY_VOID(make_directory(join_path(directory, entry->path.substr(0, slash)), 0700));
        TRY_VOID(write_output(join_path(directory, entry->path), archive.content_of(*entry),
                              kImageMode));
    }
    return {};
}

Result<> write_as_list(const Archive& archive, const std::string& output) {
    // Places in the list are absolute, since the kernel's build runs elsewhere.
    std::string directory = output + ".d";
    if (!directory.starts_with('/')) directory = join_path(TRY(real_path(".")), directory);
    TRY_VOID(check_listable(archive, directory));
    TRY_VOID(write_contents(archive, directory));
    return write_output(output, write_listing(archive, directory), kImageMode);
}

Result<> write_as_cpio(const Archive& archive, const CommandLineWords& line) {
    std::string image;
    if (line.has("--microcode")) image = TRY(microcode_archive(line.value("--microcode")));
    const std::string cpio = TRY(write_cpio(archive));
    // The option's choices are the names that are known here.
    const Compression compression =
        parse_compression(line.value("--compress")).value_or(default_compression(cpio.size()));
    image += TRY(compress(compression, cpio));
    return write_output(line.value("--output"), image, kImageMode);
}

ImageRequest request_of(const CommandLineWords& line) {
    ImageRequest request;
    if (!line.words.empty()) request.config = line.words.front();
    request.from = line.value("--from");
    request.init = line.value("--init");
    request.kernel_version = line.value("--kernel");
    request.modules = line.value("--modules");
    request.board = line.value("--for");
    request.sysroot = line.value("--sysroot");
    if (line.has("--sysroot") && !line.has("--modules")) request.modules = request.sysroot;
    request.added = line.values("--add");
    request.luks_headers = line.values("--luks-header");
    request.locked = line.has("--locked");
    if (line.has("--unsigned-modules")) request.signatures = Signatures::kDrop;
    return request;
}

// The files that the image is made from, as they were named.
std::vector<std::string> inputs_of(const CommandLineWords& line) {
    std::vector<std::string> inputs = line.words;
    for (const char* option : {"--from", "--init", "--microcode"})
        if (line.has(option)) inputs.push_back(line.value(option));
    for (const std::string& header : line.values("--luks-header")) inputs.push_back(header);
    for (const std::string& pair : line.values("--add"))
        inputs.push_back(pair.substr(0, pair.rfind(':')));
    return inputs;
}

// What stands against the words; empty when nothing does.
std::string_view usage_problem(const CommandLineWords& line) {
    const bool is_list = line.value("--format") == "list";
    if (!line.has("--output")) return "where to? '-o OUT' is missing";
    if (is_list && line.has("--microcode")) return "a list has no place for '--microcode'";
    if (is_list && line.value("--output") == "-")
        return "a list needs a file: contents are written beside it";
    if (line.has("--sysroot") && line.value("--for") != kHostBoard)
        return "'--sysroot' goes with '--for host' only";
    return {};
}

int run(const CommandLineWords& line) {
    const std::string_view problem = usage_problem(line);
    if (!problem.empty()) return usage_error(problem);
    const Result<> kept = keep_inputs(line.value("--output"), inputs_of(line));
    if (!kept) return report(kept.error());
    Problems problems;
    const Archive archive = build_tree(request_of(line), problems);
    if (line.has("--strict") && problems.has_warnings() && !problems.has_errors())
        problems.error("'--strict' writes nothing after a warning");
    problems.print();
    if (problems.has_errors()) return kExitErrors;
    const Result<> written = line.value("--format") == "list"
                                 ? write_as_list(archive, line.value("--output"))
                                 : write_as_cpio(archive, line);
    return written ? kExitClean : report(written.error());
}

}  // namespace

constinit const Command kInitramfs = {
    "initramfs", "[CONF] -o OUT", "build a bootable initramfs", kOptions, 0, 1, run};

}  // namespace prologue::images
