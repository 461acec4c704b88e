// SPDX-License-Identifier: MIT
#pragma once
// Lists of digests as a backend.

#include "digest.hpp"
#include "lists.hpp"

#include <microengine/plugin.hpp>

#include <cstdint>
#include <vector>

namespace microengine::hashlist {

class Backend {
public:
    explicit Backend(const Settings& settings);
    [[nodiscard]] Signatures signatures() const { return lists_.signatures(); }

    class Scanner {
    public:
        explicit Scanner(const Backend& backend);
        void scan(Scan& scan);

    private:
        [[nodiscard]] std::vector<Digest> digests_of(const Scan& scan);
        void report(Scan& scan, const Digest& digest, Listed listed) const;

        const Backend& backend_;
        std::vector<Hasher> hashers_;   // as Backend::kinds_
    };

private:
    Lists lists_;
    std::vector<Kind> kinds_;   // that are looked up
    std::int32_t verdict_;
    std::uint32_t confidence_;
};

}   // namespace microengine::hashlist
