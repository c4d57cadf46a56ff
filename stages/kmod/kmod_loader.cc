// SPDX-License-Identifier: MIT
// Source: libkmod 30 (kmod_module_probe_insert_module), modprobe(8), modprobe.d(5).
#include "stages/kmod/kmod_loader.h"

#include <cerrno>
#include <cstdarg>
#include <utility>

#include <fcntl.h>
#include <libkmod.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/base/compose.h"
#include "init/base/fd.h"
#include "stages/kmod/command_line_hider.h"
#include "stages/kmod/module_failure.h"

namespace prologue {
namespace {

constexpr Literal kOp = "load module";

struct ListDeleter {
    void operator()(kmod_list* list) const { kmod_module_unref_list(list); }
};
using ModuleList = std::unique_ptr<kmod_list, ListDeleter>;

struct ModuleDeleter {
    void operator()(kmod_module* module) const { kmod_module_unref(module); }
};
using Module = std::unique_ptr<kmod_module, ModuleDeleter>;

// libkmod would write to standard error; what it says is told by its return values as well.
void drop_message(void*, int, const char*, int, const char*, const char*, va_list) {}

Result<ModuleList> look_up(kmod_ctx* context, const std::string& name) {
    kmod_list* list = nullptr;
    const int rc = kmod_module_new_from_lookup(context, name.c_str(), &list);
    ModuleList modules(list);
    if (rc < 0) {
        return fail(
            Error::system(kOp, -rc, name).with_detail("this cannot be a module or an alias"));
    }
    return modules;
}

bool is_loaded(const kmod_module* module) {
    return kmod_module_get_initstate(module) >= 0;
}

// The module that libkmod stopped at: the first of the dependencies, which come in load order, that
// is not there; else the module itself.
Module find_culprit(kmod_module* module) {
    const ModuleList dependencies(kmod_module_get_dependencies(module));
    for (kmod_list* at = dependencies.get(); at != nullptr;
         at = kmod_list_next(dependencies.get(), at)) {
        Module dependency(kmod_module_get_module(at));
        if (!is_loaded(dependency.get())) return dependency;
    }
    return Module(kmod_module_ref(module));
}

std::string vermagic_of(const kmod_module* module) {
    kmod_list* list = nullptr;
    std::string vermagic;
    if (kmod_module_get_info(module, &list) < 0) return vermagic;
    for (kmod_list* at = list; at != nullptr; at = kmod_list_next(list, at)) {
        const char* key = kmod_module_info_get_key(at);
        const char* value = kmod_module_info_get_value(at);
        if (key == nullptr || value == nullptr || std::string_view(key) != "vermagic") continue;
        vermagic = value;
        while (vermagic.ends_with(' ')) vermagic.pop_back();
    }
    kmod_module_info_free_list(list);
    return vermagic;
}

void inspect_file(ModuleFailure& failure) {
    const Fd fd(open(failure.path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info {};
    if (!fd.valid() || fstat(fd.get(), &info) != 0) return;
    failure.file_is_there = true;
    unsigned char head[kModuleHeadSize];
    const ssize_t count = read(fd.get(), head, sizeof head);
    if (count < 0) return;
    failure.format = identify_module_file({head, static_cast<std::size_t>(count)},
                                          static_cast<std::uint64_t>(info.st_size));
    constexpr std::string_view kMark = kModuleSignatureMark;
    char tail[kMark.size()];
    const off_t mark_at = info.st_size - static_cast<off_t>(sizeof tail);
    failure.is_signed = pread(fd.get(), tail, sizeof tail, mark_at) == sizeof tail &&
                        std::string_view(tail, sizeof tail) == kMark;
}

struct InstallCommand {
    std::string module, command;
};

int refuse_install_command(kmod_module* module, const char* command, void* data) {
    auto* refused = static_cast<InstallCommand*>(data);
    refused->module = kmod_module_get_name(module);
    refused->command = command;
    return -EOPNOTSUPP;
}

Error explain_install_command(const std::string& requested, const InstallCommand& refused) {
    return Error::refused(
               kOp, requested,
               compose("modprobe.d gives '{}' an install command ({}), which is not run here",
                       refused.module, refused.command))
        .with_hint("take the 'install' line out of the image's modprobe.d");
}

}  // namespace

KmodLoader::KmodLoader(Sys& sys, const config::CommandLine& command_line, std::string root,
                       Lookups lookups)
    : sys_(sys),
      command_line_(command_line),
      release_(sys.kernel_release()),
      modules_(std::move(root) + "/lib/modules"),
      lookups_(lookups) {}

KmodLoader::~KmodLoader() {
    if (context_ != nullptr) kmod_unref(context_);
}

Result<kmod_ctx*> KmodLoader::context() {
    if (context_ != nullptr) return context_;
    const std::string directory = compose("{}/{}", modules_, release_);
    Fd namespace_before;
    // The kernel asks for its first modules before /proc is there; then there is nothing to hide.
    const bool hides = command_line_.is_restricted() && sys_.stat("/proc/cmdline").has_value();
    if (hides) namespace_before = TRY(cover_command_line());
    context_ = kmod_new(directory.c_str(), nullptr);
    if (hides) {
        Result<> back = uncover_command_line(namespace_before);
        if (!back) {
            // What would be mounted from here on, nobody else would see: this child is of no use.
            kmod_unref(std::exchange(context_, nullptr));
            return fail(std::move(back).error());
        }
    }
    if (context_ == nullptr) return fail(Error::system(kOp, ENOMEM));
    kmod_set_log_fn(context_, drop_message, nullptr);
    // Maps the index files once; without it each lookup opens them again, which also works.
    if (lookups_ == Lookups::kMany) (void)kmod_load_resources(context_);
    return context_;
}

Result<> KmodLoader::prepare() {
    TRY(context());
    return {};
}

bool KmodLoader::is_blacklisted(kmod_ctx* context, const std::string& module) const {
    for (const char* option : {"module_blacklist", "modprobe.blacklist"}) {
        if (command_line_lists(command_line_, option, module)) return true;
    }
    bool found = false;
    // libkmod compares with '_' only, but people write usb-storage.
    kmod_config_iter* at = kmod_config_get_blacklists(context);
    while (at != nullptr && !found && kmod_config_iter_next(at)) {
        found = same_module_name(kmod_config_iter_get_key(at), module);
    }
    if (at != nullptr) kmod_config_iter_free_iter(at);
    return found;
}

Result<> KmodLoader::load(const std::string& name, const std::string& parameters) {
    kmod_ctx* kmod = TRY(context());
    const ModuleList modules = TRY(look_up(kmod, name));
    if (!modules) {
        // A module that is built in may be in no list, but has a directory if it has parameters.
        if (is_available(name)) return {};
        return fail(missing(name));
    }
    Result<> outcome;
    for (kmod_list* at = modules.get(); at != nullptr; at = kmod_list_next(modules.get(), at)) {
        const Module module(kmod_module_get_module(at));
        const std::string own_name = kmod_module_get_name(module.get());
        if (!same_module_name(name, own_name) && is_blacklisted(kmod, own_name)) continue;
        auto inserted = insert(module.get(), name, parameters);
        if (!inserted && outcome) outcome = std::move(inserted);
    }
    return outcome;
}

Result<> KmodLoader::load_for_device(const std::string& modalias,
                                     std::vector<std::string>& loaded) {
    kmod_ctx* kmod = TRY(context());
    const ModuleList modules = TRY(look_up(kmod, modalias));
    Result<> outcome;
    for (kmod_list* at = modules.get(); at != nullptr; at = kmod_list_next(modules.get(), at)) {
        const Module module(kmod_module_get_module(at));
        const std::string name = kmod_module_get_name(module.get());
        if (is_loaded(module.get()) || is_blacklisted(kmod, name)) continue;
        auto inserted = insert(module.get(), name, {});
        if (inserted) loaded.push_back(name);
        if (!inserted && outcome) outcome = std::move(inserted);
    }
    return outcome;
}

Result<> KmodLoader::insert(kmod_module* module, const std::string& requested,
                            const std::string& parameters) {
    const std::string merged =
        merge_parameters(kmod_module_get_name(module), parameters, command_line_);
    InstallCommand refused;
    // Loaded and built-in modules, and EEXIST when another process was faster, are success there.
    const int rc = kmod_module_probe_insert_module(module, 0, merged.c_str(),
                                                   refuse_install_command, &refused, nullptr);
    if (rc >= 0) return {};
    if (rc == -EOPNOTSUPP && !refused.module.empty()) {
        return fail(explain_install_command(requested, refused));
    }
    return fail(explain(module, requested, -rc));
}

Error KmodLoader::explain(kmod_module* module, const std::string& requested, int errnum) {
    const Module culprit = find_culprit(module);
    ModuleFailure failure;
    failure.requested = requested;
    failure.module = kmod_module_get_name(culprit.get());
    failure.errnum = errnum;
    failure.release = release_;
    failure.is_blacklisted = command_line_lists(command_line_, "module_blacklist", failure.module);
    const char* path = kmod_module_get_path(culprit.get());
    if (path != nullptr) {
        failure.path = path;
        inspect_file(failure);
        if (failure.format == ModuleFormat::kElf) failure.vermagic = vermagic_of(culprit.get());
    }
    return explain_module_failure(failure);
}

Error KmodLoader::missing(const std::string& name) {
    std::vector<std::string> others;
    bool has_directory = false;
    if (const auto versions = sys_.list_dir(modules_)) {
        for (const std::string& version : *versions) {
            if (version == release_) {
                has_directory = true;
            } else {
                others.push_back(version);
            }
        }
    }
    return explain_missing_module(name, release_, has_directory, others);
}

bool KmodLoader::is_available(const std::string& name) {
    const auto kmod = context();
    if (!kmod) return false;
    const auto modules = look_up(*kmod, name);
    if (modules && *modules) return true;
    std::string directory = name;
    for (char& c : directory) {
        if (c == '-') c = '_';
    }
    return directory.find('/') == std::string::npos &&
           sys_.stat("/sys/module/" + directory).has_value();
}

std::unique_ptr<ModuleLoader> make_kmod_loader(Sys& sys, const config::CommandLine& command_line) {
    return std::make_unique<KmodLoader>(sys, command_line);
}

}  // namespace prologue
