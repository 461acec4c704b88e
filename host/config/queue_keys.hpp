// SPDX-License-Identifier: MIT
#pragma once
// The keys of [queue]: a part of the one table. Only for keys.cpp.

#include "host/config/slots.hpp"

#include <array>

namespace microengine::config {

using Queue = core::QueueSettings;

inline constexpr std::array kQueueKeys{
    Key{.name = "url",
        .rule = {.kind = Kind::string},
        .fallback = "\"\"",
        .doc =
            "the broker: amqp://HOST[:PORT][/VHOST], or amqps:// for TLS; empty: scans stay in this process",
        .slot = kOf<&Config::queue, &Queue::url>},
    Key{.name = "credentials_file",
        .rule = kPath,
        .fallback = "\"\"",
        .doc = "a file with one line, user:password; empty: guest, whom a broker lets in from its own "
               "machine only",
        .slot = kOf<&Config::queue, &Queue::credentials_file>},
    Key{.name = "ca_file",
        .rule = kPath,
        .fallback = "\"\"",
        .doc = "PEM, of the authorities that may have signed the broker's certificate; empty: the system's",
        .slot = kOf<&Config::queue, &Queue::ca_file>},
    Key{.name = "tls_certificate",
        .rule = kPath,
        .fallback = "\"\"",
        .doc = "PEM, of ours, for a broker that asks for one; needs tls_key",
        .slot = kOf<&Config::queue, &Queue::tls_certificate>},
    Key{.name = "tls_key",
        .rule = kPath,
        .fallback = "\"\"",
        .doc = "PEM, the private key of tls_certificate",
        .slot = kOf<&Config::queue, &Queue::tls_key>},
    Key{.name = "prefix",
        .rule = {.kind = Kind::name},
        .fallback = "\"microengine\"",
        .doc = "the names of all queues begin with it; another one for each fleet on a broker",
        .slot = kOf<&Config::queue, &Queue::prefix>},
    Key{.name = "heartbeat_ms",
        .rule = whole("1000..600000"),
        .fallback = "10000",
        .unit = "ms",
        .doc =
            "how often broker and program say that they live; after about twice that one gives the other up",
        .slot = kOf<&Config::queue, &Queue::heartbeat>},
    Key{.name = "connect_timeout_ms",
        .rule = whole("100..60000"),
        .fallback = "5000",
        .unit = "ms",
        .doc = "to connect to the broker, and for each of its answers",
        .slot = kOf<&Config::queue, &Queue::connect_timeout>},
    Key{.name = "max_jobs",
        .rule = whole("1..10000000"),
        .fallback = "10000",
        .unit = "jobs",
        .doc = "that wait in the queue of one class; more are refused with an answer that says so. The same "
               "on all "
               "machines",
        .slot = kOf<&Config::queue, &Queue::max_jobs>},
    Key{.name = "delivery_limit",
        .rule = whole("1..100"),
        .fallback = "3",
        .unit = "times",
        .doc = "how often a job is given again after its worker was lost; then it is answered unknown. The "
               "same on all "
               "machines",
        .slot = kOf<&Config::queue, &Queue::delivery_limit>},
    Key{.name = "inline_bytes",
        .rule = whole("0..8388608"),
        .fallback = "65536",
        .unit = "bytes",
        .doc = "artifacts up to this size travel in the job itself, larger ones through artifact_dir",
        .slot = kOf<&Config::queue, &Queue::inline_bytes>},
    Key{.name = "artifact_dir",
        .rule = kPath,
        .fallback = "\"\"",
        .doc = "a folder that all machines see, for larger artifacts; empty: those are not scanned, and the "
               "answer says "
               "so",
        .slot = kOf<&Config::queue, &Queue::artifact_dir>},
    Key{.name = "max_artifact_bytes",
        .rule = whole("1..1099511627776"),
        .fallback = "104857600",
        .unit = "bytes",
        .doc = "a worker takes no larger artifact",
        .slot = kOf<&Config::queue, &Queue::max_artifact_bytes>},
    Key{.name = "interactive_wait_ms",
        .rule = whole("100..86400000"),
        .fallback = "30000",
        .unit = "ms",
        .doc = "how long a job that a client waits for may wait for a worker, besides the time of its scan; "
               "then it is answered unknown",
        .slot = kOf<&Config::queue, &Queue::interactive_wait>},
    Key{.name = "job_timeout_ms",
        .rule = whole("1000..86400000"),
        .fallback = "600000",
        .unit = "ms",
        .doc = "a job that has no answer by then is answered unknown, if its own deadline is not earlier",
        .slot = kOf<&Config::queue, &Queue::job_timeout>},
    Key{.name = "allow_hosts",
        .rule = {.kind = Kind::string, .list = true},
        .fallback = "[]",
        .doc = "hosts and networks that workers may fetch artifacts from although their addresses are not "
               "public",
        .slot = kOf<&Config::queue, &Queue::allow_hosts>},
};

}   // namespace microengine::config
