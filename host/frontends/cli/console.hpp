// SPDX-License-Identifier: MIT
#pragma once
// The terminal: results on standard output, everything else on standard error. Any thread; a call is written
// whole.

#include "host/frontends/cli/scan_options.hpp"

#include <mutex>
#include <string>
#include <string_view>

namespace microengine::cli {

class Console {
public:
    /// Colour on a terminal, unless NO_COLOR is set or TERM is dumb; `colour` decides otherwise.
    /// `stop`: a descriptor that becomes readable when waiting for a slow reader should end; -1: none.
    explicit Console(When colour, int stop = -1);

    /// Results. False once they cannot be written any more, as when the reader of a pipe has gone.
    bool print(std::string_view text);
    /// For the person: a line feed is added.
    void note(std::string_view text);
    /// Replaces the line under the cursor of a terminal; "" removes it. It is kept below whatever is printed.
    void status(std::string_view text);

    [[nodiscard]] bool colour_out() const { return colour_out_; }
    [[nodiscard]] bool colour_err() const { return colour_err_; }
    [[nodiscard]] bool terminal_out() const { return terminal_out_; }
    [[nodiscard]] bool terminal_err() const { return terminal_err_; }
    /// Columns of the terminal on standard error, 80 if it is none.
    [[nodiscard]] int width() const;

private:
    void erase_status();
    void draw_status();
    const int stop_;
    bool terminal_out_, terminal_err_, colour_out_, colour_err_;
    std::mutex mutex_;   // guards what follows
    bool broken_ = false;
    std::string status_;
};

}   // namespace microengine::cli
