// SPDX-License-Identifier: MIT
#include "images/programs.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "images/host.h"
#include "init/base/split.h"

namespace prologue::images {
namespace {

// Above the standard streams, which become others in the program.
constexpr int kFirstInherited = 10;

// What a program needs to know of its output it says in far less.
constexpr std::size_t kMaxOutputBytes = std::size_t{64} * 1024;

std::string read_all(int pipe) {
    std::string output;
    char buffer[4096];
    for (;;) {
        const ssize_t got = read(pipe, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return output;
        if (output.size() < kMaxOutputBytes) output.append(buffer, static_cast<std::size_t>(got));
    }
}

[[noreturn]] void become(const std::vector<char*>& arguments, int output) {
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(output, STDOUT_FILENO);
    (void)dup2(output, STDERR_FILENO);
    (void)execv(arguments[0], arguments.data());
    _exit(127);
}

}  // namespace

Result<std::string> find_program(std::string_view name, std::string hint) {
    const char* path = std::getenv("PATH");
    std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
    while (!rest.empty()) {
        const std::string candidate = join_path(take_part(rest, ':'), name);
        if (access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return fail(Error::not_found("find program", std::string(name), "it is not in $PATH")
                    .with_hint(std::move(hint)));
}

std::vector<char*> c_arguments(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    // execv(3) does not write to its arguments; its type is older than const.
    for (const std::string& word : command)
        arguments.push_back(const_cast<char*>(word.c_str()));  // NOLINT
    arguments.push_back(nullptr);
    return arguments;
}

Result<MemoryFile> MemoryFile::create(std::string_view content) {
    const Fd made(memfd_create("prologue", MFD_CLOEXEC));
    if (!made.valid()) return fail(Error::system("create", errno, "a file in memory"));
    MemoryFile file(fcntl(made.get(), F_DUPFD, kFirstInherited));
    if (!file.file_.valid()) return fail(Error::system("create", errno, "a file in memory"));
    while (!content.empty()) {
        const ssize_t written = write(file.file_.get(), content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return fail(Error::system("write", errno, "a file in memory"));
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return file;
}

std::string MemoryFile::path() const {
    return "/proc/self/fd/" + std::to_string(file_.get());
}

Result<std::string> MemoryFile::read() const {
    return read_file(path());
}

Result<ProgramResult> run_to_end(const std::vector<std::string>& command) {
    const std::vector<char*> arguments = c_arguments(command);
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) != 0) return fail(Error::system("run", errno, command.front()));
    const Fd output(ends[0]);
    Fd input(ends[1]);
    const pid_t child = fork();
    if (child < 0) return fail(Error::system("run", errno, command.front()));
    if (child == 0) become(arguments, input.get());
    input.reset();
    ProgramResult result;
    result.output = read_all(output.get());
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return fail(Error::system("wait for", errno, command.front()));
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

}  // namespace prologue::images
