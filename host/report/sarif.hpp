// SPDX-License-Identifier: MIT
#pragma once
// SARIF 2.1.0 for code scanning services: what was found as results, what could not be judged as
// notifications.

#include "host/core/report.hpp"
#include "host/report/json.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace microengine::report {

/// One run, written in pieces: begin(), add() for each report, finish(). The pieces one after the other are
/// the document. Memory grows with the rules that matched and, up to a cap, with what was found or not
/// judged; never with what was clean. One thread at a time.
class SarifWriter {
public:
    explicit SarifWriter(std::string_view version = engine_version());
    ~SarifWriter();
    SarifWriter(const SarifWriter&) = delete;
    SarifWriter& operator=(const SarifWriter&) = delete;

    [[nodiscard]] std::string begin();
    /// Often empty: a benign artifact is no result.
    [[nodiscard]] std::string add(const core::Report& report);
    /// Something that should have given artifacts and gave none.
    void add_error(std::string_view path, std::string_view message);
    /// Results are missing: the run was not successful, and `message` says why.
    void interrupted(std::string_view message);
    [[nodiscard]] std::string finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}   // namespace microengine::report
