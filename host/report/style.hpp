// SPDX-License-Identifier: MIT
#pragma once
// How text for people may look: what the terminal can do, decided by who owns it.

namespace microengine::report {

struct Style {
    bool colour = false;   ///< ANSI sequences, for verdicts alone
    int width = 0;         ///< columns to fold long text at; 0: never fold, one line stays one line
};

}   // namespace microengine::report
