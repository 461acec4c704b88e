// SPDX-License-Identifier: MIT
#pragma once
// The artifacts of one request while their bytes arrive. One thread at a time.

#include "host/frontends/http/message.hpp"
#include "host/frontends/http/multipart.hpp"
#include "host/intake/spool.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::http {

struct UploadLimits {
    std::uint64_t artifact_bytes = 0;
    std::size_t artifacts = 0;
};

struct Arrived {
    std::string name;
    intake::Spool spool;
};

class Upload final : private PartHandler {
public:
    /// The body is one artifact.
    Upload(UploadLimits limits, std::shared_ptr<intake::SpoolRoom> room, std::string name);
    /// Each part of it is one.
    Upload(UploadLimits limits, std::shared_ptr<intake::SpoolRoom> room, const MultipartBoundary& boundary);
    Upload(const Upload&) = delete;   // its parser tells it
    Upload& operator=(const Upload&) = delete;
    ~Upload() override = default;

    /// False: refusal() says why, and no more is taken.
    [[nodiscard]] bool take(std::string_view piece);
    /// The body is complete; the same.
    [[nodiscard]] bool finish();
    [[nodiscard]] Response refusal() const;
    /// Why in words for the operator: what the client is not told; empty: nothing.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }
    [[nodiscard]] bool several() const { return parser_.has_value(); }
    [[nodiscard]] std::vector<Arrived>& artifacts() { return artifacts_; }

private:
    [[nodiscard]] bool on_part(std::string name) override;
    [[nodiscard]] bool on_bytes(std::string_view piece) override;
    bool refuse_with(Problem problem, std::string detail);

    UploadLimits limits_;
    std::shared_ptr<intake::SpoolRoom> room_;   // shared with all spools
    std::optional<MultipartParser> parser_;
    std::vector<Arrived> artifacts_;
    Problem problem_ = Problem::internal;
    std::string detail_;
    std::string trouble_;
};

}   // namespace microengine::http
