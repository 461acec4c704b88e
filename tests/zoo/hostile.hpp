// SPDX-License-Identifier: MIT
#pragma once
// What hostile.so can do wrong, by name. A trick gets the artifact that carries the marker; if it returns,
// the artifact is called benign. One that got what a worker must not have reports "Hostile.Escaped", so that
// a test can tell an attempt that was refused from one that was not.
//
// Dangerous without a jail: several of these reach for the parent process or take all they can get.

#include <microengine/plugin.hpp>

#include <span>
#include <string_view>

namespace hostile {

struct Trick {
    std::string_view name;
    void (*play)(microengine::Scan& scan);
};

/// Ways to die, to hang and to eat all memory.
std::span<const Trick> deaths();
/// Reaching for what is not the worker's: files, network, processes, the host's descriptors.
std::span<const Trick> escapes();
/// Answers that are too late, too large, malformed or forged.
std::span<const Trick> lies();

[[noreturn]] void segfault();
/// Deaf: asks nobody whether to stop.
[[noreturn]] void hang();

inline void escaped(microengine::Scan& scan) { scan.malicious("Hostile.Escaped", "Hostile"); }

}   // namespace hostile
