// SPDX-License-Identifier: MIT
// What a command says of a file that is not what it reads.
#include "images/input.h"

#include "images/command.h"
#include "images/extract.h"
#include "images/kernel_modules.h"
#include "images/qemu.h"
#include "tests/unit/image_folder.h"

namespace prologue::images {
namespace {

// "describe()|hint" of the refusal, without the folder's name.
std::string refusal(const Folder& folder, const std::string& name, Wanted wanted) {
    const Result<Input> input = read_input(folder.at(name), wanted);
    if (input) return "taken";
    std::string text = describe(input.error()) + "|" + input.error()->hint;
    const std::string base = folder.at("");
    for (std::size_t at = text.find(base); at != std::string::npos; at = text.find(base))
        text.erase(at, base.size());
    return text;
}

}  // namespace

TEST_CASE("input: each kind of file where another is meant") {
    const Folder folder;
    folder.write("boot.conf", kPlain);
    folder.write("boot.img", Built(folder.request(kPlain)).bytes());
    folder.write("empty", "");
    CHECK(refusal(folder, "boot.conf", Wanted::kConfig) == "taken");
    CHECK(refusal(folder, "boot.img", Wanted::kImage) == "taken");
    CHECK(refusal(folder, "boot.img", Wanted::kEither) == "taken");
    CHECK(refusal(folder, "empty", Wanted::kEither) == "taken");  // a config without stages
    CHECK(refusal(folder, "boot.img", Wanted::kConfig) ==
          "read boot.img: is an image and no config|'prologue check IMAGE' checks one with the "
          "config in it, 'prologue list IMAGE' shows it");
    CHECK(refusal(folder, "boot.conf", Wanted::kImage) ==
          "read boot.conf: is a text file and no image|'prologue check CONF' checks a config, "
          "'prologue initramfs CONF -o OUT' makes an image");
    CHECK(refusal(folder, "empty", Wanted::kImage) == "read empty: is empty|");
    for (const Wanted wanted : {Wanted::kConfig, Wanted::kImage, Wanted::kEither})
        CHECK(refusal(folder, "init", wanted).starts_with("read init: is an ELF file and n"));
}

TEST_CASE("input: what cannot be read has its name and a hint") {
    const Folder folder;
    folder.write("boot.conf", kPlain);
    CHECK(refusal(folder, "boot.cnf", Wanted::kConfig) ==
          "read boot.cnf: No such file or directory (ENOENT)|did you mean 'boot.conf'?");
    CHECK(refusal(folder, "modules", Wanted::kEither) ==
          "read modules: Is a directory (EISDIR)|it is a directory; name a file in it");
    CHECK(refusal(folder, "nothing/boot.conf", Wanted::kConfig) ==
          "read nothing/boot.conf: No such file or directory (ENOENT)|there is no directory "
          "nothing to look in");
}

TEST_CASE("modules: a folder without any is said to be one") {
    const Folder folder;
    folder.write("etc/kernel/postinst.d/x", "");  // as /etc has it
    for (const std::string& place : {folder.at("etc"), folder.at("none"), folder.at("firmware")}) {
        const Result<std::string> found = find_module_directory("", place);
        CHECK(!found);
        if (found) continue;
        CHECK(describe(found.error()).starts_with("find modules " + place + ": "));
        CHECK(found.error()->hint ==
              "a module directory is lib/modules/VERSION, or a root that has one");
    }
    CHECK(find_module_directory("", folder.at("modules")).has_value());
}

TEST_CASE("extract: what is there stays, and nothing is made beside it") {
    const Folder folder;
    const Built built(folder.request());
    Problems first, second;
    extract_tree(built.archive, folder.at("out"), first);
    CHECK(!first.has_errors());
    CHECK(write_output(folder.at("out/init"), "mine", 0600));
    CHECK(std::system(("rm " + folder.at("out/rescue")).c_str()) == 0);
    extract_tree(built.archive, folder.at("out"), second);
    CHECK(second.all().size() == 1);
    CHECK(second.text().starts_with("prologue: error: extract into " + folder.at("out") +
                                    ": these are there: /"));
    CHECK(second.text().find("hint: name an empty folder with '-C DIR'") != std::string::npos);
    CHECK(read_file(folder.at("out/init")).value_or("") == "mine");
    CHECK(!lstat_path(folder.at("out/rescue")));
}

TEST_CASE("qemu: the guest's own end becomes an exit code, unless writes are kept") {
    BootRequest request;
    request.program = "/bin/sh";
    request.kernel = "vmlinuz";
    const auto text = [](const BootRequest& one) {
        std::string all;
        for (const std::string& word : qemu_command(one)) all += word + " ";
        return all;
    };
    CHECK(text(request).find("-device isa-debug-exit,iobase=0xf4,iosize=0x04") !=
          std::string::npos);
    CHECK(text(request).find("prologue.debug-exit") != std::string::npos);
    request.more = {"-device", "isa-debug-exit"};
    CHECK(text(request).find("prologue.debug-exit") == std::string::npos);
    request.more.clear();
    request.write_to_disk = true;
    CHECK(text(request).find("debug-exit") == std::string::npos);
    CHECK(run_qemu({"/bin/sh", "-c", "exit 35"}).value_or(-1) == kGuestFailure);
    CHECK(run_qemu({"/bin/sh", "-c", "kill -KILL $$"}).value_or(-1) == 128 + 9);
}

TEST_CASE("command line: behind '--' are words, except for boot") {
    std::vector<std::string> words = {"--", "--parts", "x"};
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    const auto list = parse_command_line(kList.options, pointers, kList.behind_dashes);
    REQUIRE_OK(list);
    CHECK(list->words == std::vector<std::string>{"--parts", "x"});
    CHECK(list->options.empty());
    const auto boot = parse_command_line(kBoot.options, pointers, kBoot.behind_dashes);
    REQUIRE_OK(boot);
    CHECK(boot->words.empty());
    CHECK(boot->rest == std::vector<std::string>{"--parts", "x"});
}

}  // namespace prologue::images
