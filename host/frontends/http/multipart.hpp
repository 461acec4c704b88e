// SPDX-License-Identifier: MIT
#pragma once
// The parts of a multipart/form-data body (RFC 7578, RFC 2046 section 5.1), in whatever pieces it arrives.
// Pure; one thread at a time.

#include "host/frontends/http/fields.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace microengine::http {

/// What the parser finds, in the order of the body.
class PartHandler {
public:
    PartHandler() = default;
    PartHandler(const PartHandler&) = delete;
    PartHandler& operator=(const PartHandler&) = delete;
    virtual ~PartHandler() = default;
    /// A part begins. False: enough, and the body is not looked at any more.
    [[nodiscard]] virtual bool on_part(std::string name) = 0;
    /// More of it; the piece is only valid now.
    [[nodiscard]] virtual bool on_bytes(std::string_view piece) = 0;
};

/// What stands between the parts.
struct MultipartBoundary {
    std::string text;
};
/// Of a Content-Type; nothing if it is none that RFC 2046 allows.
[[nodiscard]] std::optional<MultipartBoundary> boundary_of(const Parametrised& content_type);

class MultipartParser {
public:
    MultipartParser(const MultipartBoundary& boundary, PartHandler& handler);

    enum class State : std::uint8_t {
        preamble,    ///< before the first part, where only line ends and blanks may stand
        delimiter,   ///< behind one: is it the last?
        fields,      ///< of a part
        bytes,       ///< of a part
        epilogue,    ///< behind the last part: the body is complete, but for line ends and blanks
        refused,     ///< the handler had enough
        malformed,   ///< why() says why
    };
    State feed(std::string_view piece);
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const std::string& why() const { return why_; }

private:
    [[nodiscard]] bool step();
    [[nodiscard]] bool to_delimiter();
    [[nodiscard]] bool behind_delimiter();
    [[nodiscard]] bool take_fields();
    [[nodiscard]] bool begin_part(std::string_view fields);
    bool malformed(std::string why);

    std::string delimiter_;   // with the line end in front, which belongs to it
    PartHandler& handler_;
    State state_ = State::preamble;
    std::string held_;   // what cannot be told yet
    std::string why_;
};

}   // namespace microengine::http
