// SPDX-License-Identifier: MIT
#include "host/frontends/cli/console.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace microengine::cli {

namespace {

bool wants_colour(When when, bool terminal) {
    if (when != When::automatic) return when == When::always;
    // https://no-color.org: any non-empty value switches colour off. Read before other threads start.
    const char* no_color = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    if (no_color != nullptr && *no_color != '\0') return false;
    return terminal && term != nullptr && std::string_view(term) != "dumb";
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}   // namespace

Console::Console(When colour)
    : terminal_out_(::isatty(STDOUT_FILENO) != 0),
      terminal_err_(::isatty(STDERR_FILENO) != 0),
      colour_out_(wants_colour(colour, terminal_out_)),
      colour_err_(wants_colour(colour, terminal_err_)) {}

bool Console::print(std::string_view text) {
    const std::scoped_lock lock(mutex_);
    if (broken_) return false;
    if (terminal_out_) erase_status();
    broken_ = !write_all(STDOUT_FILENO, text);
    if (terminal_out_) draw_status();
    return !broken_;
}

void Console::note(std::string_view text) {
    const std::scoped_lock lock(mutex_);
    erase_status();
    write_all(STDERR_FILENO, std::string(text) + '\n');
    draw_status();
}

void Console::status(std::string_view text) {
    const std::scoped_lock lock(mutex_);
    erase_status();
    status_ = text;
    draw_status();
}

int Console::width() const {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

void Console::erase_status() {
    if (!status_.empty()) write_all(STDERR_FILENO, "\r\x1b[K");
}
void Console::draw_status() {
    if (!status_.empty()) write_all(STDERR_FILENO, status_);
}

}   // namespace microengine::cli
