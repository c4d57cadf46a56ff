// SPDX-License-Identifier: MIT
#include "init/report.h"

#include <cstdint>
#include <cstring>

namespace prologue {
namespace {

constexpr std::uint32_t kMagic = 0x70726c67;  // "prlg"
constexpr std::size_t kMaxField = 8 * 1024;
constexpr std::uint64_t kMaxNotes = 64;

class Writer {
  public:
    void number(std::uint64_t value) {
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void text(std::string_view value) {
        value = value.substr(0, kMaxField);
        number(value.size());
        bytes_.append(value);
    }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    std::string take() { return std::move(bytes_); }

  private:
    std::string bytes_;
};

class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}
    std::uint64_t number() {
        std::uint64_t value = 0;
        if (bytes_.size() < sizeof value) {
            good_ = false;
            return 0;
        }
        std::memcpy(&value, bytes_.data(), sizeof value);
        bytes_.remove_prefix(sizeof value);
        return value;
    }
    std::string text() {
        const std::uint64_t length = number();
        if (length > kMaxField || length > bytes_.size()) {
            good_ = false;
            return {};
        }
        std::string value(bytes_.substr(0, length));
        bytes_.remove_prefix(length);
        return value;
    }
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool complete() const { return good_ && bytes_.empty(); }

  private:
    std::string_view bytes_;
    bool good_ = true;
};

void write_error(Writer& writer, const Error& error) {
    writer.number(static_cast<std::uint64_t>(error.kind));
    writer.number(static_cast<std::uint32_t>(error.errnum));
    writer.text(error.op);
    writer.text(error.object);
    writer.text(error.detail);
    writer.text(error.hint);
    std::vector<std::string_view> notes;
    std::size_t used = writer.size();
    for (const std::string& note : error.notes) {
        used += std::min(note.size(), kMaxField) + sizeof(std::uint64_t);
        if (notes.size() == kMaxNotes || used > kMaxReport - 64) break;
        notes.emplace_back(note);
    }
    writer.number(notes.size());
    for (const std::string_view note : notes) writer.text(note);
}

Error read_error(Reader& reader) {
    Error error;
    error.kind = static_cast<ErrorKind>(reader.number() % 7);
    error.errnum = static_cast<int>(reader.number() & 0xffff);
    error.op = reader.text();
    error.object = reader.text();
    error.detail = reader.text();
    error.hint = reader.text();
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && i < kMaxNotes && reader.good(); ++i) {
        error.notes.push_back(reader.text());
    }
    return error;
}

void write_outcome(Writer& writer, const StageOutcome& outcome) {
    writer.text(outcome.summary);
    writer.text(outcome.init_path);
    writer.text(outcome.new_root);
    writer.number(outcome.device ? 1 : 0);
    if (!outcome.device) return;
    writer.text(outcome.device->path);
    writer.number(outcome.device->number);
    writer.number(outcome.device->diskseq);
    writer.text(outcome.device->fstype);
    writer.text(outcome.device->uuid);
    writer.text(outcome.device->label);
}

StageOutcome read_outcome(Reader& reader) {
    StageOutcome outcome;
    outcome.summary = reader.text();
    outcome.init_path = reader.text();
    outcome.new_root = reader.text();
    if (reader.number() != 1) return outcome;
    Device device;
    device.path = reader.text();
    device.number = reader.number();
    device.diskseq = reader.number();
    device.fstype = reader.text();
    device.uuid = reader.text();
    device.label = reader.text();
    outcome.device = std::move(device);
    return outcome;
}

}  // namespace

std::string encode_report(const Result<StageOutcome>& result) {
    Writer writer;
    writer.number(kMagic);
    writer.number(result ? 1 : 0);
    if (result) {
        write_outcome(writer, *result);
    } else {
        write_error(writer, result.error());
    }
    return writer.take();
}

std::optional<Result<StageOutcome>> decode_report(std::string_view bytes) {
    Reader reader(bytes);
    if (reader.number() != kMagic) return std::nullopt;
    const std::uint64_t success = reader.number();
    if (success > 1) return std::nullopt;
    Result<StageOutcome> result = fail(Error::internal("report", "empty"));
    if (success == 1) {
        result = read_outcome(reader);
    } else {
        result = fail(read_error(reader));
    }
    if (!reader.complete()) return std::nullopt;
    return result;
}

}  // namespace prologue
