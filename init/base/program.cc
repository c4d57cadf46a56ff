// SPDX-License-Identifier: MIT
#include "init/base/program.h"

#include <cerrno>

#include <sys/wait.h>
#include <unistd.h>

namespace prologue {

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
    std::vector<char*> list;
    for (const std::string& word : words) list.push_back(const_cast<char*>(word.c_str()));
    list.push_back(nullptr);
    return list;
}

Error execute(const ProgramCall& call) {
    const std::vector<char*> argv = pointers_to(call.argv);
    const std::vector<char*> envp = pointers_to(call.envp);
    (void)execve(call.path.c_str(), argv.data(), envp.data());
    return Error::system("exec", errno, call.path);
}

std::string describe_status(int status) {
    if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
    return "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace prologue
