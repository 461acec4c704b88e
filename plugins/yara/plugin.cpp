// SPDX-License-Identifier: MIT
// The card of the YARA backend; README.md explains the settings.

#include "backend.hpp"

#include <microengine/plugin.hpp>

namespace me = microengine;

ME_PLUGIN(
    me::yara::Backend,
    me::Card("org.microengine.yara", "1.0.0")
        .name("YARA")
        .vendor("Microengine")
        .license("MIT")
        .promises(ME_CAP_PARALLEL_SCANNERS | ME_CAP_FORK_AFTER_OPEN | ME_CAP_DETERMINISTIC)
        .setting(me::path("rules").list().required().doc(
            "rule files (.yar, .yara, compiled .yac), directories of them, patterns of * ? [ ]"))
        .setting(me::string("externals")
                     .list()
                     .doc("external variables, each name=value: integer, true or false, 1.5, or text"))
        .setting(me::boolean("define_file_externals")
                     .by_default("true")
                     .doc("define filename, filepath, extension, filetype, owner, md5 as empty texts"))
        .setting(me::boolean("includes")
                     .by_default("true")
                     .doc("allow include statements that stay inside the directories of 'rules'"))
        .setting(me::boolean("strict").by_default("false").doc(
            "refuse to start over a broken rule file instead of leaving it out"))
        .setting(me::string("on_no_match")
                     .by_default("benign")
                     .allowed("benign|unknown")
                     .doc("the verdict when no rule matches"))
        .setting(me::string("suspicious_tags")
                     .list()
                     .by_default("suspicious")
                     .doc("a match of a rule with one of these tags is only suspicious"))
        .setting(me::string("suspicious_meta")
                     .list()
                     .doc("the same by metadata, each key=value, key<number or key>number"))
        .setting(me::string("information_tags")
                     .list()
                     .doc("a match of a rule with one of these tags is information, no verdict"))
        .setting(me::boolean("fast").by_default("false").doc(
            "stop looking for a string after its first match where that changes no condition"))
        .setting(me::boolean("shortlist")
                     .by_default("true")
                     .doc("evaluate only conditions that size, first byte and found strings leave open"))
        .setting(me::string("cache_dir")
                     .doc("where compiled rules are kept; empty: the user's cache directory; off: nowhere"))
        .setting(me::integer("stack_size")
                     .by_default("16384")
                     .allowed("1024..1048576")
                     .doc("slots for evaluating conditions, for the whole process"))
        .setting(me::integer("max_strings_per_rule")
                     .by_default("10000")
                     .allowed("1..1000000")
                     .doc("a rule with more strings is broken, for the whole process")));
