// SPDX-License-Identifier: MIT
#pragma once
// What `microengine plugin list` and `plugin info` show: pure text from cards.

#include "host/plugin/catalog.hpp"
#include "host/plugin/vet.hpp"

#include <string>
#include <vector>

namespace microengine::cli {

[[nodiscard]] std::string plugin_list(const std::vector<plugin::Catalog::Listed>& plugins);
[[nodiscard]] std::string plugin_list_json(const std::vector<plugin::Catalog::Listed>& plugins);
[[nodiscard]] std::string plugin_info(const plugin::Vetted& plugin);
[[nodiscard]] std::string plugin_info_json(const plugin::Vetted& plugin);

}   // namespace microengine::cli
