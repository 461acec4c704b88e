// SPDX-License-Identifier: MIT
// The card of the python backend; README.md explains the settings.

#include "backend.hpp"

#include <microengine/plugin.hpp>

namespace me = microengine;

// No parallel scanners: one interpreter, one lock. No fork promise: nobody knows what a script holds when it
// is open, so each worker opens it anew. Isolated, that gives parallelism.
ME_PLUGIN(
    me::python::Backend,
    me::Card("org.microengine.python", "1.0.0")
        .name("Python")
        .vendor("Microengine")
        .license("MIT")
        .takes(ME_ARTIFACT_FILE | ME_ARTIFACT_URL)
        .needs(ME_NEED_READ_PATHS | ME_NEED_TEMP_DIR | ME_NEED_THREADS)
        .setting(me::path("script").required().doc("the file, or the package's folder, with the class"))
        .setting(me::string("class").by_default("Scanner").doc("the scanner class in it"))
        .setting(me::path("search_path").list().doc("folders to import from, readable also while scanning"))
        .setting(me::string("environment")
                     .list()
                     .doc("what os.environ shows it, each KEY=VALUE; else next to nothing"))
        .setting(me::path("library")
                     .by_default(PYTHON_LIBRARY)
                     .doc("Python's own modules, readable also while scanning")));
