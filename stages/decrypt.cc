// SPDX-License-Identifier: MIT
// stages/decrypt.cc: opens an encrypted disk.
// Source: libcryptsetup's API, crypttab(5), cryptsetup-open(8), LUKS2 On-Disk Format 1.1.
#include <algorithm>
#include <cerrno>

#include "config/scalar.h"
#include "config/utf8.h"
#include "init/base/compose.h"
#include "stages/luks.h"
#include "stages/luks/foreign_files.h"
#include "stages/stages.h"

namespace prologue {
namespace {

enum : std::size_t {
    kDevice,
    kKey,
    kKeyDevice,
    kOffset,
    kSize,
    kSlot,
    kHeader,
    kHeaderDevice,
    kTries,
    kDiscard,
    kIf
};
constexpr OptionSpec kOptions[] = {
    {"device", ValueKind::kDevice, Need::kPositional, "the encrypted device", ""},
    {"key", ValueKind::kText, Need::kOption,
     "'prompt' asks on the consoles; or the path of a key file", "prompt"},
    {"key-device", ValueKind::kDevice, Need::kOption,
     "a filesystem that has the key file; read-only, and gone again at once", ""},
    {"keyfile-offset", ValueKind::kSize, Need::kOption, "bytes to skip in the key file", "0"},
    {"keyfile-size", ValueKind::kSize, Need::kOption, "bytes to read of the key file",
     "to its end"},
    {"key-slot", ValueKind::kNumber, Need::kOption, "the one key slot to try, from 0", "any"},
    {"header", ValueKind::kPath, Need::kOption, "a detached header: a file, or a device below /dev",
     "on the device"},
    {"header-device", ValueKind::kDevice, Need::kOption, "a filesystem that has the header's file",
     ""},
    {"tries", ValueKind::kNumber, Need::kOption, "how often a passphrase is asked for", "3"},
    {"discard", ValueKind::kBoolean, Need::kOption, "pass discards on, which shows what is unused",
     "no"},
    {"if", ValueKind::kText, Need::kOption,
     "'luks' passes a device that is not encrypted through as it is", ""},
};

constexpr std::uint64_t kMostSlots = 32, kMostTries = 100;
constexpr Duration kSlowDown{1'000};

bool is_prompt(const config::Word* key) {
    return key == nullptr || (key->is_literal() && key->text() == "prompt");
}

bool asks(const Step& step) {
    return is_prompt(step.find(kKey));
}

Error wants_more(const std::string& device, const std::string& what) {
    return Error::refused("unlock", device, what);
}

// --- Keys ------------------------------------------------------------------------------------

KeyFile key_file(const Arguments& arguments) {
    KeyFile file;
    file.path = arguments.text(kKey);
    if (arguments.has(kOffset)) file.offset = *config::parse_size(arguments.text(kOffset));
    if (arguments.has(kSize)) file.size = *config::parse_size(arguments.text(kSize));
    return file;
}

Result<Secret> read_key(const Arguments& arguments, StageContext& context) {
    KeyFile file = key_file(arguments);
    ForeignFiles files(context);
    if (arguments.has(kKeyDevice)) {
        TRY_VOID(files.mount(arguments.text(kKeyDevice)));
        file.path = files.path_of(file.path);
    }
    Result<Secret> key = context.decrypt->keys.read(file);
    if (!key && arguments.has(kKeyDevice))
        key.error()->object = compose("{} on {}", arguments.text(kKey), arguments.text(kKeyDevice));
    return key;
}

std::string tries_left(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " try left" : " tries left");
}

std::string shown_name(const Device& device) {
    if (device.label.empty()) return device.path;
    return compose("{} ({})", device.path, config::printable(device.label));
}

// No slot of those that could be tried has taken the key.
Error not_taken(const Device& device, const std::string& what, const LuksVolume& volume) {
    Error error = wants_more(device.path, "no key slot takes " + what);
    if (!volume.left_out().empty()) error->notes.push_back(volume.left_out());
    return error;
}

Result<> unlock_with_file(const Arguments& arguments, const Device& device, LuksVolume& volume,
                          StageContext& context) {
    const Secret key = TRY(read_key(arguments, context));
    if (TRY(volume.unlock(key))) return {};
    return fail(not_taken(device, "the key of " + arguments.text(kKey), volume)
                    .with_hint("keyfile-offset= and keyfile-size= must be as when the key was "
                               "added; 'cryptsetup luksDump' lists the slots"));
}

// The passphrase of an earlier line, which may be this disk's as well.
Result<bool> unlock_with_kept(LuksVolume& volume, StageContext& context) {
    const std::optional<Secret> kept = context.decrypt->kept.get();
    return kept ? volume.unlock(*kept) : false;
}

Result<> unlock_by_prompt(const Arguments& arguments, const Device& device, LuksVolume& volume,
                          StageContext& context) {
    // A prompt has a bound and consoles of its own, which the plan gives to lines that say so.
    if (context.ask == nullptr) {
        return fail(wants_more(device.path, "only key=prompt, written out, asks for a passphrase")
                        .with_hint("write key=prompt on one line and the key file on another, each "
                                   "with its when="));
    }
    if (TRY(unlock_with_kept(volume, context))) return {};
    const std::uint64_t tries = *config::parse_number(arguments.text(kTries));
    Prompter& prompter = context.decrypt->prompter;
    const Instant deadline = deadline_after(context.sys.now(), context.ask->bound);
    for (std::uint64_t left = tries; left > 0; --left) {
        const Question question{
            compose("Passphrase for {}, {}: ", shown_name(device), tries_left(left)),
            context.ask->consoles, deadline};
        const Secret passphrase = TRY(prompter.ask(question));
        if (TRY(volume.unlock(passphrase))) {
            context.decrypt->kept.keep(passphrase);
            return {};
        }
        const Instant pause = deadline_after(context.sys.now(), kSlowDown * (tries - left + 1));
        prompter.tell("No key slot takes this passphrase.", std::min(pause, deadline));
    }
    return fail(
        not_taken(device,
                  compose("any of the {} passphrases that were typed", std::to_string(tries)),
                  volume)
            .with_hint("a keyboard has the American layout here, and Caps Lock counts; 'cryptsetup "
                       "luksDump' lists the slots"));
}

// --- The stage -------------------------------------------------------------------------------

Result<StageOutcome> pass_through(const Device& device) {
    StageOutcome outcome;
    outcome.summary = describe_device(device) + ", not encrypted";
    outcome.device = device;
    return outcome;
}

Result<StageOutcome> finish(const Device& device, const LuksVolume& volume, const std::string& name,
                            StageContext& context) {
    TRY_VOID(context.decrypt->luks.announce(name));
    const DeviceSpec spec = TRY(parse_device_spec("/dev/mapper/" + name));
    StageOutcome outcome;
    // The table is live already. That the search looks at it once more is what proves it.
    outcome.device = TRY(context.devices.find(
        spec, std::max(context.deadline, deadline_after(context.sys.now(), kSlowDown)), true));
    outcome.summary = compose("{} ({})", device.path, volume.describe());
    return outcome;
}

Result<LuksRequest> request_of(const Arguments& arguments, const Device& device,
                               ForeignFiles& files) {
    LuksRequest request;
    request.device = device.path;
    request.name = arguments.yields();
    request.header = arguments.text(kHeader);
    if (!arguments.has(kHeader)) request.header.clear();
    if (arguments.has(kHeaderDevice)) {
        TRY_VOID(files.mount(arguments.text(kHeaderDevice)));
        request.header = files.path_of(request.header);
    }
    if (arguments.has(kSlot)) {
        request.key_slot = static_cast<int>(*config::parse_number(arguments.text(kSlot)));
    }
    request.discard = arguments.text(kDiscard) == "yes";
    return request;
}

// Not by its node: a mapping whose making was interrupted has none. One that has no table yet is not seen
// here either: since Linux 5.15 the table makes the disk.
Result<bool> is_mapped(const std::string& name, Sys& sys) {
    constexpr char kDisks[] = "/sys/class/block";
    const Result<std::vector<std::string>> disks = sys.list_dir(kDisks);
    if (!disks && disks.error()->errnum == ENOENT) return false;
    if (!disks) return fail(disks.error());
    for (const std::string& disk : *disks) {
        if (!disk.starts_with("dm-")) continue;
        const Result<std::string> its =
            sys.read_file(compose("{}{}/dm/name", kDisks, ("/" + disk)), 256);
        if (its && *its == name + "\n") return true;
    }
    return false;
}

Result<> check_name_is_free(const LuksRequest& request, Sys& sys) {
    if (!TRY(is_mapped(request.name, sys))) return {};
    return fail(
        wants_more(request.device,
                   compose("a mapping '{}' is there already, and not of this line", request.name))
            .with_hint("choose another name behind '->', or leave the line out: an earlier one has "
                       "opened it"));
}

Result<> unlock(const Arguments& arguments, const Device& device, LuksVolume& volume,
                StageContext& context) {
    return arguments.text(kKey) == "prompt" ? unlock_by_prompt(arguments, device, volume, context)
                                            : unlock_with_file(arguments, device, volume, context);
}

Result<StageOutcome> run_decrypt(const Arguments& arguments, StageContext& context) {
    Luks& luks = context.decrypt->luks;
    TRY_VOID(luks.protect_process());
    const Device device =
        TRY(resolve_device(arguments.text(kDevice), context, !arguments.has(kHeader)));
    if (arguments.has(kIf) && device.fstype != "crypto_LUKS") return pass_through(device);
    TRY_VOID(context.modules.load("dm_crypt", ""));
    std::unique_ptr<LuksVolume> volume;
    {
        ForeignFiles files(context);
        const LuksRequest request = TRY(request_of(arguments, device, files));
        TRY_VOID(check_name_is_free(request, context.sys));
        volume = TRY(luks.open(request));
    }
    TRY_VOID(unlock(arguments, device, *volume, context));
    return finish(device, *volume, arguments.yields(), context);
}

// 1: there is no mapping of this name, so one that is there later is this line's.
std::uint64_t mark_decrypt(const Arguments& arguments, Sys& sys) {
    return is_mapped(arguments.yields(), sys).value_or(true) ? 0 : 1;
}

// After every failure, for the child that has made the mapping may have it open, and only with its
// end it can be removed. Where nothing was made this does nothing.
Result<> undo_decrypt(const Arguments& arguments, StageContext& context, std::uint64_t) {
    if (context.ask != nullptr) context.decrypt->prompter.make_sane(context.ask->consoles);
    // Where there is no device-mapper at all, its library only says that it cannot work.
    if (!is_mapped(arguments.yields(), context.sys).value_or(true) &&
        !context.sys.stat("/dev/mapper/control"))
        return {};
    return context.decrypt->luks.close(arguments.yields());
}

// --- The plan's checks -----------------------------------------------------------------------

void check_number(const Step& step, std::size_t index, std::uint64_t least, std::uint64_t most,
                  PlanContext& context) {
    const config::Word* word = step.find(index);
    if (word == nullptr || !word->is_literal()) return;
    const Result<std::uint64_t> number = config::parse_number(word->text());
    if (!number || (*number >= least && *number <= most)) return;
    context.diagnostics().error(
        word->span, compose("'{}' is a number from {} to {}", kOptions[index].name.str(),
                            std::to_string(least), std::to_string(most)));
}

void check_key(const Step& step, PlanContext& context) {
    const config::Word* key = step.find(kKey);
    if (is_prompt(key)) {
        for (const std::size_t index : {kKeyDevice, kOffset, kSize}) {
            const config::Word* word = step.find(index);
            if (word == nullptr) continue;
            context.diagnostics().error(
                word->span, compose("'{}' goes with a key file only", kOptions[index].name.str()),
                "key=/path names the file");
        }
        return;
    }
    if (key->is_literal() && !key->text().starts_with('/')) {
        context.diagnostics().error(key->span, config::quoted(key->text()) + " is no key",
                                    "write 'prompt', or the absolute path of a key file");
    }
    if (const config::Word* tries = step.find(kTries)) {
        context.diagnostics().error(tries->span, "'tries' goes with key=prompt only",
                                    "a key file does not change between two tries");
    }
}

void plan_decrypt(const Step& step, PlanContext& context) {
    check_key(step, context);
    check_number(step, kSlot, 0, kMostSlots - 1, context);
    check_number(step, kTries, 1, kMostTries, context);
    const config::Word* passes = step.find(kIf);
    if (passes != nullptr && passes->is_literal() && passes->text() != "luks") {
        context.diagnostics().error(passes->span,
                                    config::quoted(passes->text()) + " is no kind of device here",
                                    "if=luks is the one there is");
    }
    if (passes != nullptr && step.find(kHeader) != nullptr) {
        context.diagnostics().error(passes->span, "'if' cannot tell with a detached header",
                                    "the disk itself then says nothing of what it is");
    }
    if (step.find(kHeaderDevice) != nullptr && step.find(kHeader) == nullptr) {
        context.diagnostics().error(step.find(kHeaderDevice)->span,
                                    "'header-device' goes with 'header' only",
                                    "header=/path names the file on it");
    }
    context.note_device_wait(step.line);
}

}  // namespace

const config::Word* key_in_image(const Step& step) {
    if (step.type != &kDecryptStage || step.find(kKeyDevice) != nullptr) return nullptr;
    const config::Word* key = step.find(kKey);
    return is_prompt(key) ? nullptr : key;
}

constinit const StageType kDecryptStage = {"decrypt",     "open an encrypted disk (LUKS)",
                                           kOptions,      true,
                                           Ending::kNone, false,
                                           plan_decrypt,  run_decrypt,
                                           mark_decrypt,  undo_decrypt,
                                           nullptr,       asks,
                                           true};

}  // namespace prologue
