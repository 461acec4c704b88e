// SPDX-License-Identifier: MIT
#include "host/frontends/http/upload.hpp"

#include <span>
#include <utility>

namespace microengine::http {

Upload::Upload(UploadLimits limits, std::shared_ptr<intake::SpoolRoom> room, std::string name)
    : limits_(limits), room_(std::move(room)) {
    artifacts_.push_back({std::move(name), intake::Spool(room_)});
}

Upload::Upload(UploadLimits limits, std::shared_ptr<intake::SpoolRoom> room,
               const MultipartBoundary& boundary)
    : limits_(limits), room_(std::move(room)) {
    PartHandler& self = *this;
    parser_.emplace(boundary, self);
}

bool Upload::refuse_with(Problem problem, std::string detail) {
    problem_ = problem;
    detail_ = std::move(detail);
    return false;
}

bool Upload::take(std::string_view piece) {
    if (!parser_) return on_bytes(piece);
    switch (parser_->feed(piece)) {
        case MultipartParser::State::malformed:
            return refuse_with(Problem::malformed_body, parser_->why());
        case MultipartParser::State::refused:
            return false;
        default:
            return true;
    }
}

bool Upload::finish() {
    if (!parser_) return true;
    if (parser_->state() != MultipartParser::State::epilogue)
        return refuse_with(Problem::malformed_body, "the body ends before its last boundary");
    if (artifacts_.empty()) return refuse_with(Problem::malformed_body, "the body has no part");
    return true;
}

bool Upload::on_part(std::string name) {
    if (artifacts_.size() >= limits_.artifacts)
        return refuse_with(Problem::too_many_artifacts,
                           "at most " + std::to_string(limits_.artifacts) + " in one request");
    artifacts_.push_back({std::move(name), intake::Spool(room_)});
    return true;
}

bool Upload::on_bytes(std::string_view piece) {
    intake::Spool& spool = artifacts_.back().spool;
    if (piece.size() > limits_.artifact_bytes - spool.size())
        return refuse_with(Problem::too_large,
                           "an artifact has at most " + std::to_string(limits_.artifact_bytes) + " bytes");
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size());   // a byte view
    if (const auto kept = spool.append(bytes); !kept) {
        trouble_ = kept.error().text();
        return refuse_with(kept.error().code == util::Errc::limit ? Problem::no_room : Problem::internal, "");
    }
    return true;
}

Response Upload::refusal() const { return refuse(problem_, detail_); }

}   // namespace microengine::http
