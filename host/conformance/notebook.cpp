// SPDX-License-Identifier: MIT
#include "host/conformance/notebook.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace microengine::conformance {

using nlohmann::json;

void Notebook::write(std::string_view key, std::string_view text, std::string_view fix) {
    json line{{key, text}};
    if (!fix.empty()) line["fix"] = fix;
    const std::string bytes = line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    for (std::string_view rest = bytes; !rest.empty();) {
        const ssize_t wrote = ::write(fd_, rest.data(), rest.size());
        if (wrote < 0 && errno != EINTR) return;   // the plugin has closed it: without an end it has failed
        if (wrote > 0) rest.remove_prefix(static_cast<std::size_t>(wrote));
    }
}

void Notebook::step(std::string_view what) { write("step", what); }
void Notebook::seen(std::string_view text) { write("seen", text); }
void Notebook::skip(std::string_view why) { write("skip", why); }
void Notebook::end() { write("end", ""); }

void Notebook::fail(const Finding& finding) {
    failed_ = failed_ || finding.error;
    write(finding.error ? "fail" : "warn", finding.reason, finding.fix);
}

void take_line(Notes& notes, std::string_view line) {
    const json read = json::parse(line, nullptr, false);
    if (!read.is_object()) return;
    const auto text = [&read](const char* key) {
        const auto found = read.find(key);
        return found != read.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    if (read.contains("step")) notes.step = text("step");
    if (read.contains("seen")) notes.seen += (notes.seen.empty() ? "" : ", ") + text("seen");
    if (read.contains("skip")) notes.skipped = text("skip");
    if (read.contains("end")) notes.ended = true;
    for (const char* const key : {"fail", "warn"}) {
        if (!read.contains(key)) continue;
        Finding finding{.reason = text(key), .fix = text("fix"), .error = std::string_view(key) == "fail"};
        const bool known = std::ranges::find(notes.findings, finding) != notes.findings.end();
        if (!known && notes.findings.size() < kMostFindings) notes.findings.push_back(std::move(finding));
    }
}

}   // namespace microengine::conformance
