// SPDX-License-Identifier: MIT
// Stored reports that may come from anybody: refused, or read so that what is written reads the same again.
#include "host/report/clamscan.hpp"
#include "host/report/explain_text.hpp"
#include "host/report/json.hpp"
#include "host/report/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace microengine;
    const std::string_view text(reinterpret_cast<const char*>(data), size);   // a byte view
    const auto report = report::from_json(text);
    if (!report) return 0;
    const std::string written = report::to_json(*report);
    const auto again = report::from_json(written);
    if (!again || report::to_json(*again) != written) std::abort();
    const std::string shown = report::to_text(*report, {}) + report::clamscan_line(*report);
    if (shown.contains('\n') || shown.contains('\x1b')) std::abort();
    if (report::explain(*report, {.colour = false, .width = 40}).contains('\x1b')) std::abort();
    return 0;
}
