// SPDX-License-Identifier: MIT
#include "tests/qemu/settings.h"

#include <cstdlib>

#include <doctest/doctest.h>
#include <unistd.h>

#include "tests/qemu/files.h"

namespace prologue::qemu_tests {
namespace {

struct Variable {
    const char* name;
    std::string Settings::*member;
    const char* proof;  // must be there below the value
};

constexpr Variable kVariables[] = {
    {"PROLOGUE_BUILD", &Settings::build, "/prologue"},
    {"PROLOGUE_BUILD", &Settings::build, "/prologue-init"},
    {"PROLOGUE_KERNEL", &Settings::kernel, ""},
    {"PROLOGUE_MODULES", &Settings::modules, "/modules.dep"},
    {"PROLOGUE_DISKS", &Settings::disks, "/ext4.img"},
    {"PROLOGUE_GUEST_INIT", &Settings::guest_init, ""},
};

constexpr Variable kOptional[] = {
    {"PROLOGUE_OWN_KERNEL", &Settings::own_kernel, ""},
    {"PROLOGUE_FULL_KERNEL", &Settings::full_kernel, ""},
};

void read_variable(const Variable& variable, Settings& all) {
    const char* value = std::getenv(variable.name);
    if (value != nullptr) all.*variable.member = value;
}

Settings read_environment() {
    Settings all;
    for (const Variable& variable : kVariables) read_variable(variable, all);
    for (const Variable& variable : kOptional) read_variable(variable, all);
    return all;
}

}  // namespace

const Settings& settings() {
    static const Settings all = read_environment();
    return all;
}

std::string settings_problems() {
    std::string text;
    for (const Variable& variable : kVariables) {
        const std::string& value = settings().*variable.member;
        if (!value.empty() && access((value + variable.proof).c_str(), R_OK) == 0) continue;
        text += value.empty()
                    ? std::string(variable.name) + " is not set"
                    : std::string(variable.name) + ": there is no " + value + variable.proof;
        text += "; the script tests/run sets it and builds what it names.\n";
    }
    return text;
}

bool kernel_has_module(std::string_view name) {
    const std::string index = read_file(settings().modules + "/modules.dep");
    return index.find("/" + std::string(name) + ".ko") != std::string::npos;
}

bool has_driver(std::string_view name) {
    if (kernel_has_module(name)) return true;
    MESSAGE("this test is skipped: this kernel has no ", std::string(name),
            "; 'images/fetch-kernel --flavour generic' has it");
    return false;
}

}  // namespace prologue::qemu_tests
