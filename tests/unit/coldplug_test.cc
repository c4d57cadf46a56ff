// SPDX-License-Identifier: MIT
#include "stages/coldplug.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <sys/utsname.h>

#include "init/base/sys_linux.h"
#include "tests/unit/test.h"

namespace prologue::tests {
namespace {

// A /sys of its own, and the drivers of its devices: one may bring further devices when it comes.
class Machine final : public ModuleLoader {
  public:
    struct Driver {
        std::string name;
        std::string brings;  // "virtio/virtio0=virtio:d2": BUS/DEVICE=MODALIAS
        bool is_broken = false;
    };

    Machine() {
        char path[] = "/tmp/prologue-coldplug-XXXXXX";
        folder_ = mkdtemp(path);
        std::filesystem::create_directories(sys() + "/bus");
    }
    ~Machine() override { std::filesystem::remove_all(folder_); }
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    [[nodiscard]] std::string sys() const { return folder_ + "/sys"; }
    [[nodiscard]] std::string modules() const { return folder_ + "/modules"; }
    // Of the kernel that runs.
    void write_absent(std::string_view index) const {
        utsname names = {};
        (void)uname(&names);
        const std::string directory = modules() + "/" + names.release;
        std::filesystem::create_directories(directory);
        std::ofstream(directory + "/" + kAbsentModules.str()) << index;
    }
    void add(const std::string& place, const std::string& modalias) {
        const std::size_t slash = place.find('/');
        const std::string path =
            sys() + "/bus/" + place.substr(0, slash) + "/devices/" + place.substr(slash + 1);
        std::filesystem::create_directories(path);
        if (!modalias.empty()) std::ofstream(path + "/modalias") << modalias << "\n";
    }
    void bind(const std::string& path) {
        std::filesystem::create_directories(sys() + path + "/driver");
    }

    Result<> load(const std::string& name, const std::string&) override {
        return fail(Error::internal("load", name));  // nobody asks for a name here
    }
    bool is_available(const std::string&) override { return false; }
    Result<> load_for_device(const std::string& modalias,
                             std::vector<std::string>& loaded) override {
        asked += modalias + ";";
        const auto found = drivers.find(modalias);
        if (found == drivers.end()) return {};
        const Driver& driver = found->second;
        if (driver.is_broken)
            return fail(
                Error::refused("load module", driver.name, "has another kernel's vermagic"));
        if (!loaded_.insert(driver.name).second) return {};
        loaded.push_back(driver.name);
        const std::size_t equals = driver.brings.find('=');
        if (equals != std::string::npos)
            add(driver.brings.substr(0, equals), driver.brings.substr(equals + 1));
        return {};
    }

    std::map<std::string, Driver> drivers;
    std::string asked;

  private:
    std::string folder_;
    std::set<std::string> loaded_;
};

struct Plugged {
    Machine machine;
    LinuxSys linux_sys;
    Coldplug coldplug{linux_sys, machine, machine.sys(), machine.modules()};
};

}  // namespace

TEST_CASE("coldplug: what a driver brings gets its driver too") {
    Plugged one;
    one.machine.add("pci/0000:00:01.0", "pci:v1");
    one.machine.add("pci/0000:00:02.0", "pci:v1");
    one.machine.add("pci/0000:00:03.0", "pci:v2");
    one.machine.add("memory/memory0", "");
    one.machine.drivers["pci:v1"] = {"virtio_pci", "virtio/virtio0=virtio:d2", false};
    one.machine.drivers["virtio:d2"] = {"virtio_blk", "", false};
    CHECK(one.coldplug.load_all().has_value());
    CHECK(one.coldplug.loaded() == std::vector<std::string>{"virtio_pci", "virtio_blk"});
    CHECK(one.machine.asked == "pci:v1;pci:v2;virtio:d2;");  // each modalias once
    CHECK(one.coldplug.failures().empty());
}

TEST_CASE("coldplug: a memory card, whose modalias stands in its uevent alone") {
    Plugged one;
    const std::string cards = one.machine.sys() + "/bus/mmc/devices/";
    one.machine.add("mmc/mmc0:4567", "");
    std::ofstream(cards + "mmc0:4567/uevent") << "DRIVER=\nMMC_TYPE=SD\nMODALIAS=mmc:block\n";
    one.machine.add("mmc/mmc1:0001", "");
    std::ofstream(cards + "mmc1:0001/uevent") << "MMC_TYPE=SDIO\n";
    one.machine.drivers["mmc:block"] = {"mmc_block", "", false};
    CHECK(one.coldplug.load_all().has_value());
    CHECK(one.coldplug.loaded() == std::vector<std::string>{"mmc_block"});
    CHECK(one.machine.asked == "mmc:block;");
}

TEST_CASE("coldplug: one driver that cannot be loaded keeps nobody from the others") {
    Plugged one;
    one.machine.add("pci/0000:00:01.0", "pci:bad");
    one.machine.add("pci/0000:00:02.0", "pci:good");
    one.machine.drivers["pci:bad"] = {"bad", "", true};
    one.machine.drivers["pci:good"] = {"good", "", false};
    CHECK(one.coldplug.load_all().has_value());
    CHECK(one.coldplug.loaded() == std::vector<std::string>{"good"});
    REQUIRE(one.coldplug.failures().size() == 1);
    CHECK(one.coldplug.failures()[0].find("another kernel's vermagic") != std::string::npos);
}

TEST_CASE("coldplug: a machine without /sys is an error") {
    Plugged one;
    std::filesystem::remove_all(one.machine.sys());
    CHECK_FALSE(one.coldplug.load_all().has_value());
}

TEST_CASE("coldplug: what appears later, and comes back, is served") {
    Plugged one;
    CHECK(one.coldplug.load_all().has_value());
    one.machine.drivers["usb:ic08isc06"] = {"usb_storage", "", false};
    one.coldplug.on_event({"add", "/devices/usb1/1-1/1-1:1.0", "usb", "usb:ic08isc06"});
    CHECK(one.coldplug.loaded() == std::vector<std::string>{"usb_storage"});
    one.machine.asked.clear();
    one.coldplug.on_event({"remove", "/devices/usb1/1-1/1-1:1.0", "usb", "usb:ic08isc06"});
    one.coldplug.on_event({"add", "/devices/usb1/1-1/1-1:1.0/host0", "scsi", ""});
    CHECK(one.machine.asked.empty());
    one.coldplug.on_event({"add", "/devices/usb1/1-1/1-1:1.0", "usb", "usb:ic08isc06"});
    CHECK(one.machine.asked == "usb:ic08isc06;");
    one.machine.add("scsi/0:0:0:0", "scsi:t-0x00");
    one.machine.drivers["scsi:t-0x00"] = {"sd_mod", "", false};
    one.coldplug.rescan();
    CHECK(one.coldplug.loaded().back() == "sd_mod");
}

TEST_CASE("coldplug: another device in the place of one that is gone, seen after lost events") {
    Plugged one;
    one.machine.add("usb/1-1:1.0", "usb:first");
    CHECK(one.coldplug.load_all().has_value());
    one.machine.add("usb/1-1:1.0", "usb:second");
    CHECK(one.coldplug.load_all().has_value());
    CHECK(one.machine.asked == "usb:first;");  // a directory is looked at once
    one.coldplug.rescan();
    CHECK(one.machine.asked == "usb:first;usb:second;");
}

TEST_CASE("coldplug: storage without a driver is told of, and nothing else") {
    Plugged one;
    const std::string ahci = "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01";
    one.machine.add("pci/0000:00:01.0", ahci);
    one.machine.add("pci/0000:00:02.0", "pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00");
    one.machine.add("scsi/0:0:0:0", "scsi:t-0x00");
    one.machine.bind("/bus/scsi/devices/0:0:0:0");
    one.machine.add("pci/0000:00:03.0", "pci:broken");
    one.machine.drivers["pci:broken"] = {"broken", "", true};
    one.coldplug.rescan();
    Error error;
    one.coldplug.explain(error);
    REQUIRE(error->notes.size() == 2);
    CHECK(error->notes[0].find("broken") != std::string::npos);
    CHECK(error->notes[1] ==
          one.machine.sys() + "/bus/pci/devices/0000:00:01.0 has no driver, modalias " + ahci);
}

TEST_CASE("coldplug: storage without a driver, and the module that the image left out") {
    Plugged one;
    one.machine.write_absent(
        "pci:v000010DEd*bc01sc06i01* sata_nv\npci:v*d*sv*sd*bc01sc06i01* ahci\n"
        "pci:v*d*sv*sd*bc01sc06i01* later\nno line of it\n");
    one.machine.add("pci/0000:00:01.0", "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01");
    one.machine.add("pci/0000:00:02.0", "pci:v00001000d00000012sv00000000sd00001000bc01sc00i00");
    Error error;
    one.coldplug.explain(error);
    REQUIRE(error->notes.size() == 2);
    const std::string devices = one.machine.sys() + "/bus/pci/devices/";
    CHECK(error->notes[0] ==
          devices +
              "0000:00:01.0 wants ahci, which this image does not carry: add it to a "
              "'modules' line; modalias pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01");
    CHECK(error->notes[1].find("0000:00:02.0 has no driver, modalias pci:v00001000") !=
          std::string::npos);
}

TEST_CASE("coldplug: what a disk hangs on") {
    CHECK(is_about_storage("pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00"));
    CHECK(is_about_storage("pci:v00001B36d0000000Dsv00001AF4sd00001100bc0Csc03i30"));
    CHECK(is_about_storage("usb:v46F4p0001d0000dc00dsc00dp00ic08isc06ip50in00"));
    CHECK(is_about_storage("virtio:d00000002v00001AF4"));
    CHECK(is_about_storage("scsi:t-0x00"));
    CHECK_FALSE(is_about_storage("virtio:d00000001v00001AF4"));
    CHECK_FALSE(is_about_storage("cpu:type:x86,ven0000fam000Fmod006B:feature:,0000"));
    CHECK_FALSE(is_about_storage("pci:v00001234d00001111sv00001AF4sd00001100bc03sc00i00"));
}

}  // namespace prologue::tests
