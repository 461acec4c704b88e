// SPDX-License-Identifier: MIT
#pragma once
// What a scan usually takes: learned for each backend by type and size of the artifact, as size alone
// misleads.

#include "host/core/artifact.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace microengine::engine {

/// Shared by all slots; any thread. Two that learn at once may lose one of both: it is an estimate.
class Costs {
public:
    explicit Costs(std::size_t backends) : of_(backends) {}

    /// Artifacts of one kind cost alike: of the same type, and of the same size to a power of two. Types by a
    /// hash: two that fall together are taken for one.
    enum class Kind : std::uint16_t {};
    static Kind kind_of(const core::ArtifactFacts& facts) {
        const std::size_t type = std::hash<std::string_view>()(facts.mime) % kTypes;
        const auto size = std::min(static_cast<std::size_t>(std::bit_width(facts.size)), kSizes - 1);
        return static_cast<Kind>(type * kSizes + size);
    }

    void learn(std::size_t backend, Kind kind, std::uint64_t took_ns) {
        Of& of = of_[backend];
        for (std::atomic<std::uint64_t>* usual : {&of.like[static_cast<std::size_t>(kind)], &of.any}) {
            const std::uint64_t before = usual->load(std::memory_order_relaxed);
            usual->store(before == 0 ? took_ns : (3 * before + took_ns) / 4, std::memory_order_relaxed);
        }
    }
    /// Nanoseconds: of artifacts of this kind, else of any; 0 before the first.
    [[nodiscard]] std::uint64_t usual_ns(std::size_t backend, Kind kind) const {
        const Of& of = of_[backend];
        const std::uint64_t like = of.like[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
        return like != 0 ? like : of.any.load(std::memory_order_relaxed);
    }

private:
    static constexpr std::size_t kTypes = 32, kSizes = 33;
    struct Of {
        std::array<std::atomic<std::uint64_t>, kTypes * kSizes> like{};
        std::atomic<std::uint64_t> any = 0;
    };
    std::vector<Of> of_;
};

}   // namespace microengine::engine
