// SPDX-License-Identifier: MIT
#include "host/frontends/cli/console.hpp"

#include "host/util/result.hpp"
#include "host/util/wait_fd.hpp"

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
    const char* no_color = std::getenv("NO_COLOR");   // NOLINT(concurrency-mt-unsafe): nobody sets any
    const char* term = std::getenv("TERM");           // NOLINT(concurrency-mt-unsafe): nobody sets any
    if (no_color != nullptr && *no_color != '\0') return false;
    return terminal && term != nullptr && std::string_view(term) != "dumb";
}

/// 0, or the errno that ended it; ECANCELED: told to stop while nobody read.
int write_all(int fd, std::string_view text, int stop) {
    while (!text.empty()) {
        if (!util::wait_fd(fd, util::Wanted::write, stop)) return ECANCELED;
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (written <= 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

}   // namespace

Console::Console(When colour, int stop)
    : stop_(stop),
      terminal_out_(::isatty(STDOUT_FILENO) != 0),
      terminal_err_(::isatty(STDERR_FILENO) != 0),
      colour_out_(wants_colour(colour, terminal_out_)),
      colour_err_(wants_colour(colour, terminal_err_)) {}

bool Console::print(std::string_view text) {
    const std::scoped_lock lock(mutex_);
    if (broken_) return false;
    if (terminal_out_) erase_status();
    const int error = write_all(STDOUT_FILENO, text, stop_);
    broken_ = error != 0;
    // That the reader of a pipe has had enough is no news.
    if (broken_ && error != EPIPE)
        write_all(STDERR_FILENO,
                  "microengine: error: the results cannot be written: " + util::errno_text(error) + "\n",
                  stop_);
    if (terminal_out_) draw_status();
    return !broken_;
}

void Console::note(std::string_view text) {
    const std::scoped_lock lock(mutex_);
    erase_status();
    write_all(STDERR_FILENO, std::string(text) + '\n', stop_);
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
    if (!status_.empty()) write_all(STDERR_FILENO, "\r\x1b[K", stop_);
}
void Console::draw_status() {
    if (!status_.empty()) write_all(STDERR_FILENO, status_, stop_);
}

}   // namespace microengine::cli
