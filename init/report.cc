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
    void refuse() { good_ = false; }
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool complete() const { return good_ && bytes_.empty(); }

  private:
    std::string_view bytes_;
    bool good_ = true;
};

constexpr std::size_t kRoomBehind = 1024;  // for what follows a list

// As many as the report has room for.
void write_list(Writer& writer, const std::vector<std::string>& texts) {
    std::size_t count = 0, used = writer.size();
    for (const std::string& text : texts) {
        used += std::min(text.size(), kMaxField) + sizeof(std::uint64_t);
        if (count == kMaxNotes || used > kMaxReport - kRoomBehind) break;
        ++count;
    }
    writer.number(count);
    for (std::size_t i = 0; i < count; ++i) writer.text(texts[i]);
}

std::vector<std::string> read_list(Reader& reader) {
    std::vector<std::string> texts;
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && i < kMaxNotes && reader.good(); ++i)
        texts.push_back(reader.text());
    return texts;
}

void write_error(Writer& writer, const Error& error) {
    writer.number(static_cast<std::uint64_t>(error->kind));
    writer.number(static_cast<std::uint32_t>(error->errnum));
    writer.text(error->op);
    writer.text(error->object);
    writer.text(error->detail);
    writer.text(error->hint);
    write_list(writer, error->notes);
}

Error read_error(Reader& reader) {
    // The last that a child may say of itself: what lies behind it, PID 1 alone finds out.
    constexpr auto kLast = static_cast<std::uint64_t>(ErrorKind::kCrashed);
    Error error;
    const std::uint64_t kind = reader.number();
    if (kind > kLast) reader.refuse();
    error->kind = static_cast<ErrorKind>(std::min(kind, kLast));
    error->errnum = static_cast<int>(reader.number() & 0xffff);
    error->op = reader.text();
    error->object = reader.text();
    error->detail = reader.text();
    error->hint = reader.text();
    error->notes = read_list(reader);
    return error;
}

void write_outcome(Writer& writer, const StageOutcome& outcome) {
    writer.text(outcome.summary);
    writer.text(outcome.init_path);
    writer.text(outcome.new_root);
    writer.number(outcome.skipped ? 1 : 0);
    writer.number(outcome.serves_devices ? 1 : 0);
    write_list(writer, outcome.warnings);
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
    outcome.skipped = reader.number() == 1;
    outcome.serves_devices = reader.number() == 1;
    outcome.warnings = read_list(reader);
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
