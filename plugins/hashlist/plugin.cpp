// SPDX-License-Identifier: MIT
// The card of the hashlist backend; README.md explains the settings and the formats.

#include "backend.hpp"

#include <microengine/plugin.hpp>

namespace me = microengine;

ME_PLUGIN(
    me::hashlist::Backend,
    me::Card("org.microengine.hashlist", "1.0.0")
        .name("Hash lists")
        .vendor("Microengine")
        .license("MIT")
        .promises(ME_CAP_PARALLEL_SCANNERS | ME_CAP_FORK_AFTER_OPEN | ME_CAP_POLLS_STOP |
                  ME_CAP_DETERMINISTIC)
        .setting(me::path("block").list().doc("lists of digests that are malicious"))
        .setting(me::path("allow").list().doc("lists of digests that are known good; block wins"))
        .setting(me::string("block_digests").list().doc("digests, as lines of such a list"))
        .setting(me::string("allow_digests").list().doc("the same, known good"))
        .setting(me::boolean("allow_weak")
                     .by_default("false")
                     .doc("take MD5 and SHA-1 to allow, too: whoever makes an artifact can make its twin"))
        .setting(me::string("verdict")
                     .by_default("malicious")
                     .allowed("malicious|suspicious")
                     .doc("of what a block list has"))
        .setting(me::integer("confidence_percent")
                     .allowed("1..100")
                     .unit("percent")
                     .doc("of that verdict; not set: the default of the [[backend]]")));
