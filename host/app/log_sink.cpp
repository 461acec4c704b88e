// SPDX-License-Identifier: MIT
#include "host/app/log_sink.hpp"

#include "host/util/text.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <memory>
#include <string>

namespace microengine::app {

namespace {

spdlog::level::level_enum level_of(util::Level level) {
    switch (level) {
        case util::Level::debug:
            return spdlog::level::debug;
        case util::Level::info:
            return spdlog::level::info;
        case util::Level::warning:
            return spdlog::level::warn;
        case util::Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

/// event key=value key="value with blanks"
std::string as_text(std::string_view event, const util::LogField* fields, std::size_t count) {
    std::string line(event);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string value = util::printable(fields[i].value);
        const bool quote = value.empty() || value.find_first_of(" \"=") != std::string::npos;
        line += ' ';
        line += fields[i].key;
        line += '=';
        line += quote ? nlohmann::json(value).dump() : value;
    }
    return line;
}

/// The members that follow time and level.
std::string as_json(std::string_view event, const util::LogField* fields, std::size_t count) {
    nlohmann::ordered_json object{{"event", event}};
    for (std::size_t i = 0; i < count; ++i)
        object[std::string(fields[i].key)] = util::to_utf8(fields[i].value);
    return object.dump().substr(1);
}

}   // namespace

void start_log(util::Level least, config::LogFormat format, bool daemon) {
    const bool machine = daemon && ::isatty(STDERR_FILENO) == 0;
    const bool json = format == config::LogFormat::automatic ? machine : format == config::LogFormat::json;
    auto logger =
        std::make_shared<spdlog::logger>("microengine", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_level(level_of(least));
    logger->set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v)" : "microengine: %l: %v");
    util::set_log_sink([logger, json](util::Level level, std::string_view event, const util::LogField* fields,
                                      std::size_t count) {
        if (!logger->should_log(level_of(level))) return;
        // As data, never as a format.
        logger->log(level_of(level), "{}",
                    json ? as_json(event, fields, count) : as_text(event, fields, count));
    });
}

}   // namespace microengine::app
