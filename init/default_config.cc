// SPDX-License-Identifier: MIT
#include "init/default_config.h"

#include <algorithm>
#include <vector>

#include "config/embedded.h"
#include "config/scalar.h"
#include "init/base/compose.h"
#include "init/base/split.h"
#include "stages/stage.h"

namespace prologue {
namespace {

constexpr Literal kName = "(default)";
constexpr std::uint64_t kUsualSeconds = 30;         // as Settings::timeout
constexpr std::uint64_t kRootWaitSeconds = 5 * 60;  // what "for ever" is here
constexpr std::uint64_t kMostSeconds = 24 * 60 * 60;

// The word's number of seconds.
std::uint64_t seconds_of(const config::Parameter* word, std::uint64_t otherwise) {
    if (word == nullptr || !word->value) return otherwise;
    const Result<std::uint64_t> seconds = config::parse_number(*word->value);
    return seconds ? std::min(*seconds, kMostSeconds) : otherwise;  // the kernel ignores it too
}

// rootwait, rootwait=SECONDS (since Linux 6.7) and rootdelay=SECONDS.
std::uint64_t patience(const config::CommandLine& words) {
    const config::Parameter* wait = words.last("rootwait");
    const bool is_bare = wait != nullptr && !wait->value;
    const std::uint64_t wanted = is_bare ? kRootWaitSeconds : seconds_of(wait, kUsualSeconds);
    return std::max(kUsualSeconds, wanted) + seconds_of(words.last("rootdelay"), 0);
}

#if PROLOGUE_DECRYPT
struct Container {
    std::string uuid, name;
};

// As udev names it: "luks-UUID" in rd.luks.uuid= is the same as the UUID.
std::string bare_uuid(std::string_view text) {
    constexpr std::string_view kPrefix = "luks-";
    if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
    return std::string(text);
}

void add_container(std::vector<Container>& containers, Container one) {
    for (Container& known : containers) {
        if (known.uuid != one.uuid) continue;
        if (!one.name.empty()) known.name = std::move(one.name);
        return;
    }
    containers.push_back(std::move(one));
}

std::vector<Container> containers_of(const config::CommandLine& words) {
    std::vector<Container> containers;
    for (const config::Parameter& word : words.parameters()) {
        if (!word.value) continue;
        std::string_view value = *word.value;
        if (word.name == "rd.luks.uuid" || word.name == "luks.uuid") {
            add_container(containers, {bare_uuid(value), {}});
        } else if (word.name == "rd.luks.name" || word.name == "luks.name") {
            const std::string_view uuid = take_part(value, '=');
            add_container(containers, {bare_uuid(uuid), std::string(value)});
        }
    }
    return containers;
}

bool is_off(const config::CommandLine& words, std::string_view name) {
    return words.last(name) != nullptr && !words.flag(name);
}

// One that root= itself names is opened by the line that the config has for it.
bool is_root_word(const config::CommandLine& words, const std::string& uuid) {
    const config::Parameter* root = words.last("root");
    return root != nullptr && root->value && *root->value == "UUID=" + uuid;
}

// In double quotes a word of the command line is one word here as well, whatever stands in it.
std::string quoted_word(std::string_view text) {
    std::string word = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') word += '\\';
        word += c == '\n' ? ' ' : c;
    }
    return word + '"';
}

std::string container_lines(const config::CommandLine& words) {
    std::string lines;
    if (is_off(words, "rd.luks") || is_off(words, "luks")) return lines;
    for (const Container& one : containers_of(words)) {
        if (is_root_word(words, one.uuid)) continue;
        const std::string name = one.name.empty() ? "luks-" + one.uuid : one.name;
        lines += compose("decrypt     {} -> {}   on-failure=poweroff\n",
                         quoted_word("UUID=" + one.uuid), name);
    }
    return lines;
}
#else
std::string container_lines(const config::CommandLine&) {
    return {};
}
#endif

std::string_view base_of(const config::CommandLine& words) {
    const config::Parameter* type = words.last("rootfstype");
    const bool is_tag = type != nullptr && type->value && takes_verbatim_source(*type->value);
    return is_tag ? config::kDefaultTagConf : config::kDefaultConf;
}

}  // namespace

config::Source default_config(const config::CommandLine& words) {
    config::Source source{kName.str(), std::string(base_of(words))};
    // Behind the line that loads the drivers of the disks.
    constexpr std::string_view kFirst = "modules     auto\n";
    const std::size_t first = source.text.find(kFirst);
    source.text.insert(first + kFirst.size(), container_lines(words));
    const std::uint64_t seconds = patience(words);
    if (seconds != kUsualSeconds)
        source.text.insert(first, compose("set timeout {}s\n", std::to_string(seconds)));
    return source;
}

bool is_default_config(const config::Source& config) {
    return config.name == kName.view();
}

}  // namespace prologue
