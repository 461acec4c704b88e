// SPDX-License-Identifier: MIT
#include "host/engine/fingerprint.hpp"

#include "host/util/digest.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace microengine::engine {

namespace {

/// Each part with its length, so that no two lists of parts read the same.
class Parts {
public:
    Parts& operator<<(std::string_view text) {
        const std::string size = std::to_string(text.size()) + ":";
        add(size);
        add(text);
        return *this;
    }
    Parts& operator<<(std::uint64_t number) { return *this << std::string_view(std::to_string(number)); }
    Parts& operator<<(std::span<const std::uint8_t> bytes) {
        return *this << std::string_view(util::hex(bytes));
    }
    [[nodiscard]] std::string name() { return util::hex(stream_.finish()).substr(0, 16); }

private:
    void add(std::string_view text) {
        stream_.update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
    util::Sha256Stream stream_;
};

void add_lists(const std::vector<core::HashList>& lists, Parts& parts) {
    for (const core::HashList& list : lists) {
        // The table has no order of its own: the sum of its digests has none either.
        util::Sha256 sum{};
        for (const auto& [digest, line] : list.lines)
            for (std::size_t i = 0; i < sum.size(); ++i)
                sum[i] = static_cast<std::uint8_t>(sum[i] ^ digest[i]);
        parts << list.lines.size() << std::span<const std::uint8_t>(sum);
    }
    parts << "end";
}

void add_backend(const OpenBackend& open, Parts& parts) {
    const core::BackendFacts& facts = *open.backend->facts();
    const core::BackendPolicy& policy = facts.policy;
    parts << policy.name << policy.weight << policy.required << policy.veto << policy.group
          << policy.default_confidence.value_or(0) << facts.plugin_id << facts.plugin_version
          << open.max_artifact_bytes.value_or(0);
    if (facts.signatures)
        parts << facts.signatures->version << facts.signatures->count
              << static_cast<std::uint64_t>(facts.signatures->date_unix);
    parts << std::span<const std::uint8_t>(open.identity);
    parts << "end";
}

}   // namespace

std::string fingerprint(const Generation& generation) {
    Parts parts;
    const core::CombinerSettings& combiner = generation.combiner;
    parts << to_text(combiner.strategy) << combiner.threshold << combiner.doubled_suspicious_threshold()
          << combiner.quorum << to_text(combiner.on_tie) << combiner.early_decision;
    add_lists(generation.trusted.block, parts);
    add_lists(generation.trusted.allow, parts);
    for (const OpenBackend& open : generation.backends) add_backend(open, parts);
    return parts.name();
}

}   // namespace microengine::engine
