// SPDX-License-Identifier: MIT
// Jobs and results that may come from anybody who may publish: refused, or read so that what is written reads
// the same again.
#include "host/broker/job_text.hpp"
#include "host/broker/result_text.hpp"
#include "host/util/amqp_url.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace microengine;
    const std::string_view text(reinterpret_cast<const char*>(data), size);   // a byte view
    (void)util::parse_amqp_url(text);
    if (const auto bytes = broker::from_base64(text); bytes && broker::to_base64(*bytes) != text)
        if (bytes->size() % 3 == 0) std::abort();   // else the last digit has bits that say nothing
    if (const auto job = broker::job_from_json(text)) {
        const std::string written = broker::to_json(*job);
        const auto again = broker::job_from_json(written);
        if (!again || broker::to_json(*again) != written) std::abort();
    }
    if (const auto result = broker::result_from_json(text)) {
        const std::string written = broker::to_json(*result);
        const auto again = broker::result_from_json(written);
        if (!again || broker::to_json(*again) != written) std::abort();
    }
    return 0;
}
