// SPDX-License-Identifier: MIT
// The card of the clamd backend; README.md explains the settings.

#include "backend.hpp"

#include <microengine/plugin.hpp>

namespace me = microengine;

ME_PLUGIN(
    me::clamd::Backend,
    me::Card("org.microengine.clamd", "1.0.0")
        .name("clamd")
        .vendor("Microengine")
        .license("MIT")
        .promises(ME_CAP_PARALLEL_SCANNERS | ME_CAP_FORK_AFTER_OPEN | ME_CAP_POLLS_STOP)
        .needs(ME_NEED_NETWORK)
        .setting(me::string("address").doc("host:port, [IPv6]:port; clamd.conf: TCPSocket, TCPAddr"))
        .setting(me::path("socket").doc("or its Unix socket; clamd.conf: LocalSocket"))
        .setting(me::integer("timeout_ms")
                     .by_default("120000")
                     .unit("ms")
                     .allowed("1..3600000")
                     .doc("for one artifact, besides the backend's own limit"))
        .setting(me::integer("open_timeout_ms")
                     .by_default("60000")
                     .unit("ms")
                     .allowed("1..3600000")
                     .doc("while opening: a clamd that is loading its database accepts, and answers later"))
        .setting(me::integer("stream_max_bytes")
                     .by_default("26214400")
                     .unit("bytes")
                     .allowed("1..4294967295")
                     .doc("larger ones are not sent; at most clamd's StreamMaxLength and MaxFileSize")));
