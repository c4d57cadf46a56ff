// SPDX-License-Identifier: MIT
#include "tests/qemu/files.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/qemu/case_folder.h"

namespace prologue::qemu_tests {
namespace {

CaseFolder g_case;

std::string make_work_folder() {
    const char* base = std::getenv("TMPDIR");
    std::string path = std::string(base != nullptr ? base : "/tmp") + "/prologue-qemu-tests-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) FAIL_CHECK("cannot make the folder ", path);
    return path;
}

[[noreturn]] void become(const std::vector<std::string>& words, int output) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    (void)dup2(output, STDOUT_FILENO);
    (void)dup2(output, STDERR_FILENO);
    if (chdir(work_folder().c_str()) == 0) (void)execvp(arguments[0], arguments.data());
    _exit(127);
}

}  // namespace

const std::string& work_folder() {
    if (g_case.folder.empty()) g_case.folder = make_work_folder();
    return g_case.folder;
}

void keep_for_failure(std::string title, std::string text) {
    g_case.logs.push_back({std::move(title), std::move(text)});
}

void end_case(bool success) {
    std::error_code ignored;
    if (success) {
        if (!g_case.folder.empty()) std::filesystem::remove_all(g_case.folder, ignored);
    } else {
        for (const CaseFolder::Log& log : g_case.logs)
            std::printf("---- %s ----\n%s\n---- end ----\n", log.title.c_str(), log.text.c_str());
        if (!g_case.folder.empty()) std::printf("kept: %s\n", g_case.folder.c_str());
    }
    g_case = CaseFolder();
}

std::string read_file(const std::string& path) {
    const std::ifstream file(path, std::ios::binary);
    if (!file) FAIL_CHECK("cannot read ", path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void write_file(const std::string& path, std::string_view text, unsigned mode) {
    std::ofstream file(path, std::ios::binary);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file || chmod(path.c_str(), mode) != 0) FAIL_CHECK("cannot write ", path);
}

void make_folder(const std::string& path) {
    if (mkdir(path.c_str(), 0755) != 0) FAIL_CHECK("cannot make the folder ", path);
}

ProgramEnd run_program(const std::vector<std::string>& words) {
    const std::string log = work_folder() + "/program.log";
    const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    const pid_t pid = fork();
    if (pid == 0) become(words, output);
    (void)close(output);
    ProgramEnd end;
    int status = 0;
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
        end.status = WEXITSTATUS(status);
    end.output = read_file(log);
    return end;
}

}  // namespace prologue::qemu_tests
