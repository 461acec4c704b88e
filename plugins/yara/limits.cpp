// SPDX-License-Identifier: MIT
#include "limits.hpp"

#include <microengine/plugin.hpp>

#include <yara.h>

#include <cstddef>
#include <mutex>
#include <string>

namespace microengine::yara {
namespace {

/// As libyara's own configuration, one for the process.
struct InForce {
    std::mutex mutex;
    // Protected by mutex.
    std::size_t backends = 0;
    Limits::Wanted values{};
};
constinit InForce in_force;

void set(YR_CONFIG_NAME option, std::uint32_t value) { (void)yr_set_configuration(option, &value); }

}   // namespace

Limits::Limits(const Wanted& wanted) {
    const std::lock_guard lock(in_force.mutex);
    Wanted& now = in_force.values;
    if (in_force.backends > 0 && now.max_strings_per_rule != wanted.max_strings_per_rule)
        throw setting_error("max_strings_per_rule",
                            "libyara has one limit for the whole process, and an open backend set it to " +
                                std::to_string(now.max_strings_per_rule) + ", got " +
                                std::to_string(wanted.max_strings_per_rule) +
                                "; give all YARA backends the same, and restart to change it");
    if (in_force.backends == 0) {
        set(YR_CONFIG_MAX_STRINGS_PER_RULE, wanted.max_strings_per_rule);
        // Matched bytes are never shown. Without them a scan also starts with 57 KB of memory instead of 580.
        set(YR_CONFIG_MAX_MATCH_DATA, 0);
        now = {.stack_size = 0, .max_strings_per_rule = wanted.max_strings_per_rule};
    }
    if (wanted.stack_size > now.stack_size) {
        set(YR_CONFIG_STACK_SIZE, wanted.stack_size);
        now.stack_size = wanted.stack_size;
    }
    ++in_force.backends;
}

Limits::~Limits() {
    const std::lock_guard lock(in_force.mutex);
    --in_force.backends;
}

}   // namespace microengine::yara
