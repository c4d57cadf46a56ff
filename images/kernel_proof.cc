// SPDX-License-Identifier: MIT
#include "images/kernel_proof.h"

#include <algorithm>
#include <initializer_list>
#include <set>

#include "images/image_rules.h"
#include "images/kernel_drivers.h"
#include "images/module_signature.h"
#include "images/needs.h"
#include "images/plan_modules.h"

namespace prologue::images {
namespace {

// A switch of the kernel that something here cannot do without.
struct Demand {
    Literal symbol;
    Literal use;  // what fails without it
    config::Severity severity = config::Severity::kError;
};

// Sources: init/ and stages/ of this program, and the Kconfig files of Linux.
constexpr Demand kOfOurInit[] = {
    {"BINFMT_ELF", "start /init"},
    {"DEVTMPFS", "mount devtmpfs on /dev"},
    {"PROC_FS", "mount proc on /proc"},
    {"SYSFS", "mount sysfs on /sys"},
    {"SIGNALFD", "tell PID 1 of its children"},
    {"NET", "tell of the devices that appear"},
    {"UNIX", "run the rescue shell, nor keep a passphrase for a second disk",
     config::Severity::kWarning},
};
constexpr Literal kInitramfs = "BLK_DEV_INITRD", kModules = "MODULES", kShmem = "SHMEM",
                  kTmpfs = "TMPFS";

struct Unpacker {
    Compression compression;
    Literal symbol;
};
constexpr Unpacker kUnpackers[] = {
    {Compression::kGzip, "RD_GZIP"},
    {Compression::kXz, "RD_XZ"},
    {Compression::kZstd, "RD_ZSTD"},
    {Compression::kLz4, "RD_LZ4"},
};

class Proof {
  public:
    Proof(const CheckedImage& image, const KernelFile& kernel, Problems& problems)
        : image_(image), kernel_(kernel), drivers_(image, kernel), problems_(problems) {
        if (!has_our_init(image.tree)) return;
        if (!image.config) built_in_ = plan_default({});
        const HostConfig* config = image.config ? &*image.config : &*built_in_;
        if (config->plan.ok()) plan_ = &config->plan;
    }

    std::vector<std::string> run() {
        check_kernel();
        check_unpacking();
        check_switches();
        check_modules();
        if (plan_ == nullptr) {
            unproved_.emplace_back(has_our_init(image_.tree)
                                       ? "the config does what it should: it has errors"
                                       : "/init finds the root: it is not prologue's");
            return std::move(unproved_);
        }
        check_devices();
        if (drivers_.modules() != nullptr || image_.modules.empty()) check_drivers();
        check_end();
        return std::move(unproved_);
    }

  private:
    void check_kernel();
    void check_unpacking();
    void check_switches();
    void check_modules();
    void check_magic(const std::vector<ImageModule>& modules);
    void check_devices();
    void check_drivers();
    void check_end();

    void demand(std::string_view symbol, const std::string& use,
                config::Severity severity = config::Severity::kError);
    [[nodiscard]] std::string line_of(const config::Span& span) const;
    [[nodiscard]] std::string filesystems(std::initializer_list<DriverPlace::Kind> places) const;
    void check_found_filesystem(const config::Span& line);

    const CheckedImage& image_;
    const KernelFile& kernel_;
    const KernelDrivers drivers_;
    Problems& problems_;
    std::optional<HostConfig> built_in_;
    const Plan* plan_ = nullptr;
    std::vector<std::string> unproved_;
};

// "line 3", of whichever config.
std::string Proof::line_of(const config::Span& span) const {
    if (span.source == nullptr) return "built in";
    const std::string line = "line " + std::to_string(config::position_of(span).line);
    return built_in_ ? line + " of the built-in config" : line;
}

void Proof::demand(std::string_view symbol, const std::string& use, config::Severity severity) {
    if (kernel_.config->has(symbol)) return;
    std::string message = "kernel " + kernel_.image.version + " cannot " + use;
    std::string hint = "CONFIG_" + std::string(symbol) + "=y is not in " + kernel_.config->name();
    if (severity == config::Severity::kError)
        problems_.error(std::move(message), std::move(hint));
    else
        problems_.warning(std::move(message), std::move(hint));
}

void Proof::check_kernel() {
    if (!kernel_.image.is_64_bit)
        problems_.error("kernel " + kernel_.image.version + " runs 32-bit programs only",
                        "/init is a program of x86-64");
    if (!kernel_.image.sealed.empty())
        unproved_.push_back("what " + kernel_.path + " says inside: it is " + kernel_.image.sealed);
    if (kernel_.config) return;
    unproved_.push_back(
        "the kernel unpacks the image and has what /init needs: its config is neither "
        "in it nor beside it as config-" +
        kernel_.image.version);
}

void Proof::check_unpacking() {
    if (!kernel_.config) return;
    demand(kInitramfs, "take an initramfs");
    std::set<Compression> seen;
    for (const ImagePart& part : image_.parts)
        for (const Unpacker& one : kUnpackers)
            if (one.compression == part.compression && seen.insert(part.compression).second)
                demand(one.symbol, "unpack " + std::string(name_of(part.compression)) +
                                       ", which the image has at byte " +
                                       std::to_string(part.offset));
}

void Proof::check_switches() {
    if (!kernel_.config) return;
    if (drivers_.modules() != nullptr) demand(kModules, "load modules");
    if (!has_our_init(image_.tree)) return;
    for (const Demand& one : kOfOurInit) demand(one.symbol, one.use.str(), one.severity);
    // Without SHMEM a tmpfs is a ramfs, which does as well.
    if (kernel_.config->has(kShmem)) demand(kTmpfs, "mount tmpfs on /run");
}

// As same_magic() has it: of a module with the checksums of its symbols the version does not count, and
// that it is the kernel's own is checked elsewhere.
void Proof::check_magic(const std::vector<ImageModule>& modules) {
    if (kernel_.image.vermagic.empty()) {
        unproved_.push_back("the modules have the version magic of the kernel, beyond the version");
        return;
    }
    const auto words = [](std::string_view magic) {
        return magic.substr(std::min(magic.find(' '), magic.size()));
    };
    for (const ImageModule& module : modules) {
        if (module.vermagic.empty() || words(module.vermagic) == words(kernel_.image.vermagic))
            continue;
        problems_.error("/" + module.path + " has the version magic '" + module.vermagic +
                            "', and the kernel '" + kernel_.image.vermagic + "'",
                        "both are of the same version, but built otherwise");
    }
}

void Proof::check_modules() {
    const std::vector<ImageModule>* modules = drivers_.modules();
    if (modules == nullptr) {
        if (!image_.modules.empty())
            problems_.error("the image has no modules of kernel " + kernel_.image.version +
                            ", only of " + image_.modules.begin()->first);
        return;
    }
    check_magic(*modules);
    if (kernel_.config)
        check_unsigned(kernel_.image.version,
                       signature_rule_of(kernel_.config->name(), kernel_.config->text()),
                       unsigned_names(*modules), problems_);
    unproved_.emplace_back(
        "the modules have the symbols and the keys of this very build: loading them tells");
}

std::string words_at(const config::Span& span) {
    return span.source == nullptr ? std::string()
                                  : span.source->text.substr(span.offset, span.length);
}

// A word that names a device of the machine, not what an earlier line yields.
bool names_device(const Step& step, const Given& given) {
    const ValueKind kind = step.type->options[given.index].kind;
    if (kind != ValueKind::kDevice && kind != ValueKind::kMountable) return false;
    if (!given.word.is_literal()) return true;
    const std::string text = given.word.text();
    if (may_be_name(kind, text)) return false;
    return kind == ValueKind::kDevice || (!is_deviceless_type(text) && !takes_any_source(step));
}

void Proof::check_devices() {
    std::string devices;
    for (const Step& step : plan_->steps)
        for (const Given& given : step.given)
            if (names_device(step, given))
                devices += (devices.empty() ? "" : ", ") + words_at(given.word.span) + " (" +
                           line_of(given.word.span) + ")";
    if (wants_coldplug(*plan_))
        unproved_.emplace_back(
            "the image has the drivers of the machine: 'modules auto' takes what "
            "is there for the devices it finds");
    if (!devices.empty()) unproved_.push_back("these devices are there: " + devices);
}

// Those that a root can have, with a driver in one of these places.
std::string Proof::filesystems(std::initializer_list<DriverPlace::Kind> places) const {
    std::string names;
    for (const Literal type : root_filesystems()) {
        const DriverPlace::Kind place = drivers_.find({type.str(), true, {}}).kind;
        if (is_deviceless_type(type) ||
            std::find(places.begin(), places.end(), place) == places.end())
            continue;
        names += (names.empty() ? "" : ", ") + type.str();
    }
    return names;
}

void Proof::check_found_filesystem(const config::Span& line) {
    using Kind = DriverPlace::Kind;
    const std::string known = filesystems({Kind::kInImage, Kind::kBuiltIn});
    const bool is_open = !filesystems({Kind::kUnknown}).empty();
    if (known.empty() && !is_open && !drivers_.can_mount_a_disk()) {
        problems_.warning("neither kernel " + kernel_.image.version +
                              " nor the image has a driver of a disk's filesystem (" +
                              line_of(line) + ")",
                          "a type on that line, such as type=ext4, brings it into the image");
        return;
    }
    unproved_.push_back("the filesystem that is found has a driver (" + line_of(line) +
                        "), one of: " + (known.empty() ? "none is known" : known));
}

void Proof::check_drivers() {
    std::set<std::string> seen;
    for (const ModuleWish& wish : module_wishes(*plan_)) {
        if ((wish.filesystem && is_core_filesystem(wish.name)) || !seen.insert(wish.name).second)
            continue;
        const DriverPlace driver = drivers_.find(wish);
        const std::string what = (wish.filesystem ? "the filesystem '" : "the module '") +
                                 wish.name + "' (" + line_of(wish.where) + ")";
        if (driver.kind == DriverPlace::Kind::kMissing)
            problems_.error("kernel " + kernel_.image.version + " has no driver of " + what,
                            driver.reason);
        if (driver.kind == DriverPlace::Kind::kUnknown)
            unproved_.push_back("the kernel has " + what + " built in");
    }
    for (const Step& step : plan_->steps) {
        if (step.type->keyword == Literal("decrypt"))
            unproved_.push_back("the container has ciphers that the kernel or the image brings (" +
                                line_of(step.keyword) + "): its header tells");
        if (finds_filesystem(step)) check_found_filesystem(step.keyword);
    }
}

void Proof::check_end() {
    for (const Step& step : plan_->steps)
        if (step.type->ending == Ending::kSwitchRoot)
            unproved_.push_back("the root has an init that can run (" + line_of(step.keyword) +
                                ")");
}

}  // namespace

std::vector<std::string> prove_image(const CheckedImage& image, const KernelFile& kernel,
                                     Problems& problems) {
    return Proof(image, kernel, problems).run();
}

std::string unproved_text(const std::string& image, const KernelFile& kernel,
                          const std::vector<std::string>& unproved) {
    if (unproved.empty()) return {};
    std::string text =
        "not proved of " + image + " with kernel " + kernel.image.version + ", in this order:\n";
    for (std::size_t i = 0; i < unproved.size(); ++i)
        text += "  " + std::to_string(i + 1) + ". " + unproved[i] + "\n";
    return printable(text);
}

}  // namespace prologue::images
