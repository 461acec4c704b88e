// SPDX-License-Identifier: MIT
#include "host/wire/codec.hpp"

#include "host/core/bounds.hpp"
#include "host/wire/archive.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace microengine::wire {

using core::Outcome;
using core::Reason;
using core::Verdict;

namespace {

// Between the host and its zygote both sides are ours: bounds against mistakes, not attacks.
constexpr std::size_t kAnyText = kMaxMessage;
constexpr std::size_t kMaxSettings = 1000;

template <class T>
constexpr Kind kKindOf{};
template <>
constexpr Kind kKindOf<OpenBackend> = Kind::open_backend;
template <>
constexpr Kind kKindOf<StartWorker> = Kind::start_worker;
template <>
constexpr Kind kKindOf<Opened> = Kind::opened;
template <>
constexpr Kind kKindOf<Refused> = Kind::refused;
template <>
constexpr Kind kKindOf<Forked> = Kind::forked;
template <>
constexpr Kind kKindOf<Died> = Kind::died;
template <>
constexpr Kind kKindOf<ScanArtifact> = Kind::scan_artifact;
template <>
constexpr Kind kKindOf<Ready> = Kind::ready;
template <>
constexpr Kind kKindOf<Found> = Kind::found;
template <>
constexpr Kind kKindOf<Said> = Kind::said;
template <>
constexpr Kind kKindOf<Done> = Kind::done;

void setting_value(Writer& archive, const core::SettingValue& value) {
    archive.number(static_cast<std::uint8_t>(value.index()));
    if (const auto* text = std::get_if<std::string>(&value)) archive.bytes(*text, kAnyText);
    if (const auto* number = std::get_if<std::int64_t>(&value)) archive.number(*number);
    if (const auto* flag = std::get_if<bool>(&value)) archive.number(*flag);
}
void setting_value(Reader& archive, core::SettingValue& value) {
    std::uint8_t index = 0;
    archive.number(index);
    if (index == 0) archive.bytes(value.emplace<std::string>(), kAnyText);
    if (index == 1) archive.number(value.emplace<std::int64_t>());
    if (index == 2) archive.number(value.emplace<bool>());
    if (index > 2) archive.fail();
}

// Every message, field by field. `T` is const where the archive writes.
template <class Archive, class T>
void settings_fields(Archive& archive, T& settings) {
    archive.list(settings.all, kMaxSettings, [&](auto& setting) {
        archive.text(setting.name, kAnyText);
        archive.list(setting.values, kMaxMessage, [&](auto& value) { setting_value(archive, value); });
        archive.bytes(setting.place, kAnyText);
    });
}
template <class Archive, class T>
void jail_fields(Archive& archive, T& jail) {
    archive.bytes(jail.seccomp, kAnyText);
    archive.number(jail.landlock);
    archive.number(jail.needs);
    archive.list(jail.read_paths, kMaxMessage, [&](auto& path) { archive.bytes(path, kAnyText); });
    archive.number(jail.own_processes);
    archive.number(jail.memory_bytes);
    archive.number(jail.temp_bytes);
    archive.number(jail.file_bytes);
    archive.number(jail.user);
    archive.number(jail.group);
}
template <class Archive, class T>
void detection_fields(Archive& archive, T& detection) {
    archive.text(detection.name, core::kMaxName);
    archive.text(detection.family, core::kMaxFamily);
    archive.text(detection.name_space, core::kMaxNameSpace);
    archive.choice(detection.verdict, Verdict::malicious);
    archive.maybe(detection.confidence, [&](auto& value) { archive.number(value); });
    archive.list(detection.tags, core::kMaxTags, [&](auto& tag) { archive.text(tag, core::kMaxTag); });
    archive.number(detection.offset);
    archive.number(detection.length);
    archive.text(detection.detail, core::kMaxDetail);
    if constexpr (Archive::kReads)
        if (detection.confidence && *detection.confidence > core::kCertain) archive.fail();
}
template <class Archive, class T>
void result_fields(Archive& archive, T& result) {
    archive.choice(result.outcome, Outcome::skipped);
    archive.choice(result.reason, Reason::cancelled);
    archive.text(result.message, core::kMaxText);
    archive.choice(result.verdict, Verdict::malicious);
    archive.maybe(result.confidence, [&](auto& value) { archive.number(value); });
    archive.maybe(result.partial, [&](auto& value) { archive.choice(value, core::Partial::truncated); });
    archive.number(result.trusted);
    archive.number(result.detections_cut);
    archive.number(result.bytes_scanned);
    if constexpr (Archive::kReads)
        if (!is_believable(result)) archive.fail();
}

template <class Archive, class T>
void fields(Archive& archive, T& message) {
    using Message = std::remove_const_t<T>;
    if constexpr (std::is_same_v<Message, OpenBackend>) {
        archive.text(message.backend, kAnyText);
        archive.bytes(message.plugin, kAnyText);
        settings_fields(archive, message.settings);
        archive.number(message.deadline_ns);
        archive.bytes(message.temp_dir, kAnyText);
        jail_fields(archive, message.jail);
    } else if constexpr (std::is_same_v<Message, StartWorker>) {
        archive.number(message.in_this_process);
        archive.number(message.full_probe);
        archive.bytes(message.temp_dir, kAnyText);
    } else if constexpr (std::is_same_v<Message, Opened>) {
        archive.maybe(message.signatures, [&](auto& signatures) {
            archive.text(signatures.version, core::kMaxName);
            archive.number(signatures.date_unix);
            archive.number(signatures.count);
            archive.number(signatures.fleeting);
        });
        archive.number(message.threads);
    } else if constexpr (std::is_same_v<Message, Refused>) {
        archive.bytes(message.place, kMaxLabel);
        archive.text(message.text, kMaxRefusal);
    } else if constexpr (std::is_same_v<Message, Forked>) {
        archive.number(message.pid);
    } else if constexpr (std::is_same_v<Message, Died>) {
        archive.number(message.status);
    } else if constexpr (std::is_same_v<Message, ScanArtifact>) {
        archive.number(message.number);
        archive.choice(message.type, core::ArtifactType::url);
        archive.number(message.all_matches);
        archive.number(message.truncated);
        archive.number(message.with_memory);
        archive.number(message.with_file);
        archive.number(message.keep_memory);
        archive.number(message.memory_bytes);
        archive.number(message.size);
        archive.number(message.deadline_ns);
        archive.number(message.backend_deadline_ns);
        archive.maybe(message.sha256, [&](auto& digest) {
            for (auto& byte : digest) archive.number(byte);
        });
        archive.text(message.name, kMaxLabel);
        archive.text(message.mime, kMaxLabel);
    } else if constexpr (std::is_same_v<Message, Ready>) {
        // Nothing to add.
    } else if constexpr (std::is_same_v<Message, Found>) {
        detection_fields(archive, message.detection);
    } else if constexpr (std::is_same_v<Message, Said>) {
        archive.number(message.level);
        archive.text(message.text, core::kMaxText);
    } else {
        archive.number(message.number);
        result_fields(archive, message.result);
    }
}

bool goes_with(Outcome outcome, Reason reason) {
    switch (outcome) {
        case Outcome::completed:
            return reason == Reason::none;
        case Outcome::unsupported:
            return reason == Reason::other;
        case Outcome::timed_out:
            return reason == Reason::timeout || reason == Reason::deadline;
        case Outcome::failed:
            return reason >= Reason::plugin_error && reason <= Reason::io;
        case Outcome::skipped:
            return reason == Reason::decided || reason == Reason::cancelled;
        case Outcome::crashed:
            return false;
    }
    return false;
}

}   // namespace

bool is_believable(const core::ScanResult& result) {
    const bool whole = result.outcome == Outcome::completed && !result.partial;
    return goes_with(result.outcome, result.reason) && (result.verdict != Verdict::benign || whole) &&
           (!result.trusted || result.verdict == Verdict::benign) &&
           (!result.partial || result.outcome == Outcome::completed) &&
           (!result.confidence || *result.confidence <= core::kCertain);
}

std::optional<Kind> kind_of(std::string_view bytes) {
    if (bytes.empty()) return std::nullopt;
    return static_cast<Kind>(bytes.front());
}

template <class Message>
void encode(const Message& message, std::string& out) {
    out.clear();
    Writer archive(out);
    archive.number(std::to_underlying(kKindOf<Message>));
    fields(archive, message);
}

template <class Message>
std::optional<Message> decode(std::string_view bytes) {
    if (kind_of(bytes) != kKindOf<Message>) return std::nullopt;
    Reader archive(bytes.substr(1));
    Message message;
    fields(archive, message);
    if (!archive.used_up()) return std::nullopt;
    return message;
}

#define ME_MESSAGE(Message)                                 \
    template void encode(const Message&, std::string& out); \
    template std::optional<Message> decode(std::string_view)
ME_MESSAGE(OpenBackend);
ME_MESSAGE(StartWorker);
ME_MESSAGE(Opened);
ME_MESSAGE(Refused);
ME_MESSAGE(Forked);
ME_MESSAGE(Died);
ME_MESSAGE(ScanArtifact);
ME_MESSAGE(Ready);
ME_MESSAGE(Found);
ME_MESSAGE(Said);
ME_MESSAGE(Done);
#undef ME_MESSAGE

}   // namespace microengine::wire
