// SPDX-License-Identifier: MIT
#include "host/combine/story.hpp"

#include "host/combine/words.hpp"

namespace microengine::combine {

std::string count_of(std::size_t some, std::size_t all) {
    if (some == all && all > 1) return (all == 2 ? "both" : "all " + std::to_string(all)) + " backends";
    return std::to_string(some) + " of " + backends(all);
}

std::string_view found_what(std::size_t malicious, std::size_t suspicious) {
    if (suspicious == 0) return "malicious";
    return malicious == 0 ? "suspicious" : "malicious or suspicious";
}

std::string named_accusers(const Cast& cast) {
    if (cast.suspicious.empty()) return names(cast.malicious) + " found it malicious";
    if (cast.malicious.empty()) return names(cast.suspicious) + " found it suspicious";
    return names(cast.malicious) + " found it malicious and " + names(cast.suspicious) + " suspicious";
}

std::string nothing_found(const Cast& cast) {
    if (cast.benign.empty()) return {};
    return "; " + count_of(cast.benign.size(), cast.voters) + " found nothing";
}

std::string who_is_open(const Cast& cast) {
    if (cast.open.size() == 1) return cast.open[0].name + " " + cast.open[0].detail;
    return details(cast.open) + " gave no whole answer";
}

std::string whatever(const Cast& cast) {
    return cast.missing.empty() ? "" : ", whatever " + details(cast.missing) + " would have said";
}

}   // namespace microengine::combine
