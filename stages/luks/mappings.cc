// SPDX-License-Identifier: MIT
// Device-mapper without udev: no cookie is waited for, the node is libdevmapper's, and what udev of
// the real root has to know is left for it.
// Source: libdevmapper.h, Linux Documentation/admin-guide/device-mapper/, LVM2's 10-dm.rules.
#include <cerrno>

#include <fcntl.h>
#include <libdevmapper.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/base/compose.h"
#include "init/base/device_number.h"
#include "init/base/fd.h"
#include "stages/luks/cryptsetup.h"
#include "stages/luks/tools.h"

namespace prologue {
namespace {

void say_nothing(int, const char*, int, int, const char*, ...) {}

class Cryptsetup final : public Luks {
  public:
    explicit Cryptsetup(Sys& sys) : sys_(sys) {}
    Result<> protect_process() override;
    Result<std::unique_ptr<LuksVolume>> open(const LuksRequest& request) override {
        return CryptsetupVolume::open(request, sys_);
    }
    Result<> announce(const std::string& name) override;
    Result<> rename(const std::string& name, const std::string& new_name) override;
    Result<> close(const std::string& name) override;

  private:
    Sys& sys_;
};

// udev's own database has one file a device: "E:" and a property. With this one its rules take the
// table, which they have not seen being loaded, for live (LVM2, 10-dm.rules).
constexpr char kRecord[] = "E:DM_UDEV_PRIMARY_SOURCE_FLAG=1\n";

Result<> write_record(const std::string& path) {
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.valid()) return fail(Error::system("open", errno, path));
    if (write(file.get(), kRecord, sizeof kRecord - 1) < 0) {
        return fail(Error::system("write", errno, path));
    }
    return {};
}

Result<> make_directory(Sys& sys, const std::string& path) {
    const Result<> made = sys.make_dir(path, 0755);
    if (!made && made.error()->errnum != EEXIST) return made;
    return {};
}

// Gives back the kernel's error, 0 when it went well. The node is moved or removed as well, when there is
// one.
int run_task(int type, const std::string& name, const char* new_name) {
    dm_log_with_errno_init(say_nothing);
    dm_task* task = dm_task_create(type);
    if (task == nullptr) return ENOMEM;
    const bool done = dm_task_set_name(task, name.c_str()) != 0 &&
                      (new_name == nullptr || dm_task_set_newname(task, new_name) != 0) &&
                      dm_task_run(task) != 0;
    const int errnum = dm_task_get_errno(task);
    dm_task_destroy(task);
    dm_task_update_nodes();
    if (done) return 0;
    return errnum != 0 ? errnum : EINVAL;  // a name that the library itself refuses
}

Result<> result_of(int errnum, Literal op, const std::string& name) {
    if (errnum == 0) return {};
    return fail(Error::system(op, errnum, name));
}

}  // namespace

Result<> Cryptsetup::protect_process() {
    constexpr rlimit kNoCore{0, 0};
    if (prlimit(0, RLIMIT_CORE, &kNoCore, nullptr) != 0) {
        return fail(Error::system("prlimit", errno));
    }
    if (prctl(PR_SET_DUMPABLE, 0) != 0) return fail(Error::system("prctl", errno));
    return {};
}

Result<> Cryptsetup::announce(const std::string& name) {
    const std::string node = "/dev/mapper/" + name;
    const FileInfo info = TRY(sys_.stat(node));
    const std::string number = device_number_text(info.node);
    const std::string suspended =
        TRY(sys_.read_file(compose("/sys/dev/block/{}/dm/suspended", number), 16));
    if (!suspended.starts_with('0')) {
        return fail(Error::refused("unlock", node, "its table is not live"));
    }
    TRY_VOID(make_directory(sys_, "/run/udev"));
    TRY_VOID(make_directory(sys_, "/run/udev/data"));
    return write_record("/run/udev/data/b" + number);
}

Result<> Cryptsetup::rename(const std::string& name, const std::string& new_name) {
    return result_of(run_task(DM_DEVICE_RENAME, name, new_name.c_str()), "rename mapping", name);
}

Result<> Cryptsetup::close(const std::string& name) {
    const int errnum = run_task(DM_DEVICE_REMOVE, name, nullptr);
    return result_of(errnum != ENXIO ? errnum : 0, "remove mapping", name);
}

std::unique_ptr<Luks> make_cryptsetup(Sys& sys) {
    return std::make_unique<Cryptsetup>(sys);
}

}  // namespace prologue
