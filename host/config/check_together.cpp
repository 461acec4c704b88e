// SPDX-License-Identifier: MIT
// What no single key shows.

#include "host/config/check.hpp"
#include "host/config/keys.hpp"
#include "host/util/amqp_url.hpp"
#include "host/util/endpoint.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

namespace microengine::config {

namespace {

class Together {
public:
    Together(const Checked& checked, const Node& root, const Reading& reading)
        : checked_(checked),
          config_(checked.config),
          reading_(reading),
          root_(root),
          combiner_(root.find("combiner")),
          backend_(root.find("backend")) {}

    void run() const {
        check_names();
        check_observers();
        check_voters();
        check_thresholds();
        check_reach();
        check_tls();
        check_queue();
        warn_of_ignored();
    }

private:
    /// A key of [combiner], if it is in the file and was accepted.
    [[nodiscard]] const Node* combiner_key(std::string_view name) const {
        const Node* key = combiner_ == nullptr ? nullptr : combiner_->find(name);
        return key == nullptr || checked_.refused.contains(key) ? nullptr : key;
    }

    /// Then it does no harm that it stands there, as show() writes it.
    [[nodiscard]] bool has_default(std::string_view name) const {
        const Key* key = find_table("combiner")->find(name);
        return toml_text(key->rule, key->slot.get(config_, 0)) == key->fallback;
    }

    void check_names() const {
        std::map<std::string_view, Position> first;
        for (std::size_t i = 0; i < config_.backends.size(); ++i) {
            const std::string& name = config_.backends[i].policy.name;
            const Node* key = checked_.backends[i]->find("name");
            if (name.empty() || key == nullptr) continue;
            const auto [known, fresh] = first.emplace(name, key->at);
            if (fresh) continue;
            reading_.error(key->at, "backend name '" + name + "' is taken");
            reading_.report(Severity::note, known->second, "first used here");
        }
    }

    void check_observers() const {
        for (std::size_t i = 0; i < config_.backends.size(); ++i) {
            const core::BackendPolicy& policy = config_.backends[i].policy;
            if (policy.weight > 0) continue;
            const auto refuse = [&](bool set, std::string_view name) {
                const Node* key = checked_.backends[i]->find(name);
                if (set && key != nullptr)
                    reading_.error(key->at,
                                   "a backend with weight 0 counts nowhere, so it cannot have " +
                                       std::string(name) + " = true",
                                   "give it a weight above 0");
            };
            refuse(policy.required, "required");
            refuse(policy.veto, "veto");
        }
    }

    void check_voters() const {
        if (config_.backends.empty()) {
            // Something else under that name has been reported.
            if (backend_ == nullptr || (backend_->kind == Node::Kind::list && backend_->items.empty()))
                reading_.error({}, "no backend", "add a [[backend]] with name and plugin");
            return;
        }
        const auto voting = std::ranges::count_if(config_.backends, &BackendConfig::votes);
        if (voting == 0)
            return reading_.error(config_.backends.front().at,
                                  "no backend votes, each has weight 0 or enabled = false",
                                  "give one a weight above 0");
        const Node* quorum = combiner_key("quorum");
        if (quorum == nullptr || config_.combiner.quorum <= voting) return;
        reading_.error(quorum->at, "quorum is " + std::to_string(config_.combiner.quorum) + ", but only " +
                                       std::to_string(voting) +
                                       (voting == 1 ? " backend votes (" : " backends vote (") + voters() +
                                       ")");
    }

    [[nodiscard]] std::string voters() const {
        constexpr std::size_t most_names = 5;
        std::string names;
        std::size_t count = 0;
        for (const BackendConfig& backend : config_.backends) {
            if (!backend.votes()) continue;
            if (++count > most_names) return names + ", …";
            if (count > 1) names += ", ";
            names += backend.policy.name.empty() ? "one without a name" : backend.policy.name;
        }
        return names;
    }

    void check_thresholds() const {
        const core::CombinerSettings& combiner = config_.combiner;
        const Node* written = combiner_key("suspicious_threshold");
        const core::BasisPoints suspicious = combiner.suspicious_threshold.value_or(0);
        if (written == nullptr || suspicious <= combiner.threshold) return;
        reading_.error(written->at, "suspicious_threshold must be at most threshold, " +
                                        decimal_text(combiner.threshold) + ", got " +
                                        decimal_text(suspicious));
    }

    [[nodiscard]] const Node* key_of(std::string_view table, std::string_view name) const {
        const Node* found = root_.find(table);
        return found == nullptr ? nullptr : found->find(name);
    }

    /// Whom strangers can reach must know whom it lets in.
    void check_reach() const {
        const auto check = [this](std::string_view table, const std::vector<std::string>& listen,
                                  bool guarded, const std::string& message, const std::string& hint) {
            const bool open = std::ranges::any_of(listen, [](const std::string& text) {
                const auto endpoint = util::parse_endpoint(text);
                return endpoint && !endpoint->local();
            });
            const Node* key = key_of(table, "listen");
            if (open && !guarded && key != nullptr) reading_.error(key->at, message, hint);
        };
        check("clamd", config_.clamd.listen, !config_.clamd.allow_peers.empty(),
              "clamd.listen can be reached from other machines, and the protocol knows no passwords",
              "name who may connect: allow_peers = [\"10.0.0.0/8\"]");
        check("http", config_.http.listen, !config_.http.tokens_file.empty(),
              "http.listen can be reached from other machines, and nobody is asked who he is",
              "name who may do what in a file: tokens_file = \"tokens\"");
    }

    void check_tls() const {
        const core::HttpSettings& http = config_.http;
        if (http.tls_certificate.empty() == http.tls_key.empty()) return;
        const Node* key = key_of("http", http.tls_key.empty() ? "tls_certificate" : "tls_key");
        reading_.error(key == nullptr ? Position{} : key->at,
                       "http.tls_certificate and http.tls_key belong together, and one is not set");
    }

    void check_queue() const {
        const core::QueueSettings& queue = config_.queue;
        const auto refuse = [this](std::string_view name, const std::string& message,
                                   const std::string& hint) {
            const Node* key = key_of("queue", name);
            if (key != nullptr) reading_.error(key->at, message, hint);
        };
        if (!queue.url.empty())
            if (const auto address = util::parse_amqp_url(queue.url); !address)
                refuse("url", "queue.url " + address.error().message, "");
        if (queue.certificate.empty() != queue.key.empty())
            refuse(queue.key.empty() ? "certificate" : "key",
                   "queue.certificate and queue.key belong together, and one is not set", "");
        if (queue.certificate.empty() && queue.ca_file.empty()) return;
        if (queue.url.starts_with("amqp://"))
            refuse("url", "queue.url is without TLS, and yet a certificate is named",
                   "write amqps:// if the broker has TLS, as it should where others share the network");
    }

    void warn_of_ignored() const {
        const Node* written = combiner_ == nullptr ? nullptr : combiner_->find("strategy");
        if (written != nullptr && checked_.refused.contains(written)) return;
        const auto warn = [this](std::string_view name, std::string_view users) {
            const Node* key = combiner_key(name);
            if (key == nullptr || has_default(name)) return;
            reading_.report(Severity::warning, key->key_at,
                            std::string(name) + " has no effect with strategy " +
                                std::string(to_text(config_.combiner.strategy)),
                            std::string(users));
        };
        if (config_.combiner.strategy != core::Strategy::weighted) {
            warn("threshold", "only weighted uses it");
            warn("suspicious_threshold", "only weighted uses it");
        }
        if (config_.combiner.strategy == core::Strategy::any)
            warn("on_tie", "only majority and weighted use it");
    }

    const Checked& checked_;
    const Config& config_;
    const Reading& reading_;
    const Node& root_;
    const Node* combiner_;
    const Node* backend_;
};

}   // namespace

void check_together(const Checked& checked, const Node& root, const Reading& reading) {
    Together(checked, root, reading).run();
}

}   // namespace microengine::config
