// SPDX-License-Identifier: MIT
#include "images/uki_sign.h"

#include "images/host.h"
#include "images/programs.h"
#include "init/base/split.h"

namespace prologue::images {
namespace {

constexpr const char* kPackage =
    "Debian and Ubuntu: 'apt install sbsigntool'; Fedora: 'dnf install sbsigntools'";

Unexpected refused(const std::string& object, std::string why, std::string hint) {
    return fail(Error::refused("sign with", object, std::move(why)).with_hint(std::move(hint)));
}

// sbsign ends with 1 whatever it is that it cannot do.
Unexpected explain(const SigningKey& signer, std::string_view output) {
    const auto says = [output](std::string_view text) {
        return output.find(text) != std::string_view::npos;
    };
    if (says("key values mismatch"))
        return refused(signer.key, "the certificate " + signer.certificate + " is of another key",
                       "name the certificate that was made with this key");
    if (says("Can't load key")) return refused(signer.key, "it is no private key in PEM form", {});
    if (says("Can't load certificate"))
        return refused(signer.certificate, "it is no certificate in PEM form",
                       "'openssl x509 -inform DER -in FILE' makes PEM of DER");
    // What it says of the file's gaps is no error.
    while (output.starts_with("warning: ")) (void)take_part(output, '\n');
    return refused(signer.key, std::string(take_part(output, '\n')), {});
}

Result<> check_readable(const std::string& path) {
    TRY(read_start(path, 1));
    return {};
}

}  // namespace

Result<std::string> sign_efi_program(std::string_view bytes, const SigningKey& signer) {
    TRY_VOID(check_readable(signer.key));
    TRY_VOID(check_readable(signer.certificate));
    const std::string sbsign = TRY(find_program("sbsign", kPackage));
    const std::string sbverify = TRY(find_program("sbverify", kPackage));
    const MemoryFile input = TRY(MemoryFile::create(bytes));
    const MemoryFile output = TRY(MemoryFile::create());
    const ProgramResult signing =
        TRY(run_to_end({sbsign, "--key", signer.key, "--cert", signer.certificate, "--output",
                        output.path(), input.path()}));
    if (signing.status != 0) return explain(signer, signing.output);
    const ProgramResult verifying =
        TRY(run_to_end({sbverify, "--cert", signer.certificate, output.path()}));
    if (verifying.status != 0)
        return refused(signer.key, "sbverify does not confirm the signature", {});
    return output.read();
}

}  // namespace prologue::images
