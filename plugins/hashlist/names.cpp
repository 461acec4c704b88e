// SPDX-License-Identifier: MIT
#include "names.hpp"

#include <microengine/plugin.hpp>

#include <limits>

namespace microengine::hashlist {
namespace {

constexpr std::size_t kHead = 2, kMostText = 255;

std::string_view record_at(const std::string& pool, Names::Id id) {
    const auto size = static_cast<unsigned char>(pool[id + 1]);
    return std::string_view(pool).substr(id, kHead + size);
}

}   // namespace

std::size_t Names::Hash::operator()(std::string_view record) const {
    return std::hash<std::string_view>()(record);
}
std::size_t Names::Hash::operator()(Id id) const { return (*this)(record_at(*pool, id)); }
bool Names::Equal::operator()(std::string_view record, Id id) const { return record == record_at(*pool, id); }

Names::Names() : pool_(kHead, '\0'), known_(0, Hash{&pool_}, Equal{&pool_}) {}

Names::Id Names::add(std::string_view text, bool family) {
    text = text.substr(0, kMostText);
    if (text.empty()) return kNone;
    std::string record{family ? '\1' : '\0', static_cast<char>(text.size())};
    record += text;
    if (const auto found = known_.find(std::string_view(record)); found != known_.end()) return *found;
    if (pool_.size() + record.size() > std::numeric_limits<Id>::max())
        throw Error(ME_E_LIMIT, "the lists have more than 4 GiB of names");
    const Id id = static_cast<Id>(pool_.size());
    pool_ += record;
    known_.insert(id);
    return id;
}

Names::Name Names::get(Id id) const {
    const std::string_view record = record_at(pool_, id);
    return {.text = record.substr(kHead), .family = record.front() != '\0'};
}

void Names::seal() {
    known_ = decltype(known_)(0, Hash{&pool_}, Equal{&pool_});
    pool_.shrink_to_fit();
}

}   // namespace microengine::hashlist
