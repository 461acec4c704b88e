// SPDX-License-Identifier: MIT
// The card of the command backend; README.md explains the settings.

#include "backend.hpp"

#include <microengine/plugin.hpp>

namespace me = microengine;

ME_PLUGIN(
    me::command::Backend,
    me::Card("org.microengine.command", "1.0.0")
        .name("Command")
        .vendor("Microengine")
        .license("MIT")
        .promises(ME_CAP_PARALLEL_SCANNERS | ME_CAP_FORK_AFTER_OPEN | ME_CAP_POLLS_STOP)
        .needs(ME_NEED_PROGRAMS | ME_NEED_TEMP_DIR | ME_NEED_READ_PATHS)
        .setting(me::path("program").required().doc("the scanner: a program, or a script with its #! line"))
        .setting(me::string("arguments").list().doc("its arguments; {file} stands for the artifact's path"))
        .setting(me::path("paths").list().doc("files and folders it may read, besides the system's programs"))
        .setting(me::string("input")
                     .by_default("file")
                     .allowed("file|stdin")
                     .doc("how it gets the artifact: as a file, or as its standard input"))
        .setting(me::integer("malicious_exit").list().allowed("0..255").doc("exit codes that say malicious"))
        .setting(
            me::integer("suspicious_exit").list().allowed("0..255").doc("exit codes that say suspicious"))
        .setting(me::integer("benign_exit")
                     .list()
                     .allowed("0..255")
                     .doc("exit codes that say benign; one in no list is a failure"))
        .setting(me::integer("unsupported_exit")
                     .list()
                     .allowed("0..255")
                     .doc("exit codes that say: not my kind of artifact"))
        .setting(me::string("detection_pattern")
                     .doc("a regular expression (RE2) with one group, the name, for each line it writes"))
        .setting(me::string("detection_verdict")
                     .by_default("malicious")
                     .allowed("malicious|suspicious")
                     .doc("of such a line, where the exit code does not say"))
        .setting(me::string("family_pattern").doc("the same for the family, looked for in the name"))
        .setting(me::integer("timeout_ms")
                     .unit("ms")
                     .allowed("1..3600000")
                     .doc("a time limit besides the backend's own"))
        .setting(me::integer("max_output_bytes")
                     .by_default("1048576")
                     .unit("bytes")
                     .allowed("1..67108864")
                     .doc("more output is dropped, and the result is partial"))
        .setting(me::string("environment").list().doc("variables for it, each KEY=VALUE; else LC_ALL alone"))
        .setting(me::string("version_arguments")
                     .list()
                     .doc("run once while opening: its first line is the version of the signatures")));
