// SPDX-License-Identifier: MIT
#pragma once
// A clamd, here or on another machine, as a backend.

#include "address.hpp"
#include "conversation.hpp"
#include "reply.hpp"

#include <microengine/plugin.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace microengine::clamd {

class Backend {
public:
    /// Asks for PING and VERSION: a clamd that does not answer is no backend.
    explicit Backend(const Settings& settings);
    /// One, for clamd does not tell their number. Its database is renewed without our knowing.
    [[nodiscard]] Signatures signatures() const { return {1, version_.date_unix, version_.text, true}; }

    class Scanner {
    public:
        explicit Scanner(const Backend& backend) : backend_(backend) {}
        void scan(Scan& scan);

    private:
        void report(Scan& scan, const Reply& reply) const;

        const Backend& backend_;
    };

private:
    [[nodiscard]] std::string answer(const Scan& scan) const;

    std::vector<Address> addresses_;
    std::chrono::milliseconds timeout_;
    std::uint64_t stream_max_;
    Version version_;
};

}   // namespace microengine::clamd
