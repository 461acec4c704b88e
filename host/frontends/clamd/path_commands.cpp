// SPDX-License-Identifier: MIT
// SCAN, CONTSCAN, MULTISCAN and ALLMATCHSCAN: artifacts by path.

#include "host/frontends/clamd/scan.hpp"
#include "host/intake/read.hpp"
#include "host/intake/walk.hpp"
#include "host/util/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <expected>
#include <memory>
#include <optional>
#include <utility>

namespace microengine::clamd {

namespace {

constexpr std::size_t kDepth = 15;   // MaxDirectoryRecursion
constexpr auto kRetry = std::chrono::milliseconds(20);
constexpr off_t kReadAhead = off_t{4} << 20;   // of a large file the kernel reads on by itself

/// On the thread for files, which may block; the caller goes on where it was.
template <class Function>
auto on_files(Hub& hub, Function function) -> asio::awaitable<decltype(function())> {
    co_return co_await asio::co_spawn(
        hub.files,
        [function = std::move(function)]() mutable -> asio::awaitable<decltype(function())> {
            co_return function();
        },
        asio::use_awaitable);
}

/// A name with a line feed must not end the line: what follows would be an answer about something else.
std::string one_line(std::string path, Form form) {
    if (form != Form::z) std::ranges::replace_if(path, [](char c) { return c == '\n' || c == '\r'; }, '_');
    return path;
}

}   // namespace

core::ArtifactLoader descriptor_loader(util::UniqueFd fd, std::string name,
                                       std::uint64_t max_artifact_bytes) {
    return [fd = std::move(fd), name = std::move(name),
            max_artifact_bytes](core::ArtifactBuffer& buffer) mutable -> intake::Loaded {
        const util::UniqueFd taken = std::move(fd);
        return intake::load_fd(taken.get(), std::move(name), {.max_artifact_bytes = max_artifact_bytes},
                               buffer);
    };
}

core::ArtifactLoader bytes_loader(std::vector<std::uint8_t> bytes) {
    return [bytes = std::move(bytes)](core::ArtifactBuffer& buffer) -> intake::Loaded {
        return intake::load_bytes(bytes, "stream", {.max_artifact_bytes = UINT64_MAX}, buffer);
    };
}

/// The artifacts of one directory, some of them in work at the same time. SCAN and CONTSCAN answer in the
/// order of the walk, one after the other, MULTISCAN as the answers come.
class DirectoryScan {
public:
    DirectoryScan(Connection& connection, Word word, Ticket ticket, std::string path, util::UniqueFd fd)
        : connection_(connection),
          hub_(connection.hub_),
          word_(word),
          ticket_(ticket),
          path_(std::move(path)),
          changed_(hub_.io, Clock::time_point::max()),
          walk_(std::move(fd), path_, {.max_depth = kDepth, .same_file_system = false}) {}

    asio::awaitable<void> run() {
        std::exception_ptr failure;
        try {
            co_await walk();
        } catch (...) {
            failure = std::current_exception();
        }
        co_await room(1);   // those in work answer to this object
        if (failure) std::rethrow_exception(failure);
        if (!told_ && !*connection_.gone_) connection_.reply(ticket_, path_ + ": OK");
    }

private:
    asio::awaitable<void> walk() {
        const std::size_t at_once =
            word_ == Word::multiscan ? 2 * std::max<std::size_t>(hub_.parts.service.load().slots, 1) : 1;
        for (;;) {
            co_await room(at_once);
            co_await connection_.pending_below(SIZE_MAX);   // its client takes the replies
            if (stop_ || *connection_.gone_) break;
            auto met = co_await on_files(hub_, [this] { return next(); });
            if (!met) break;
            if (met->opened)
                co_await scan(met->path, *std::move(met->opened));
            else
                answer(met->path, {met->opened.error()});
        }
    }

    using File = std::shared_ptr<const util::UniqueFd>;   // shared by the job and who may offer it again
    struct Met {
        std::string path;
        std::expected<File, Answer> opened;
    };

    /// The next one that is to be scanned, or has to be told of. On the thread for files.
    std::optional<Met> next() {
        for (;;) {
            auto item = walk_.next();
            if (!item) return std::nullopt;
            if (item->kind == intake::WalkItem::Kind::skipped) continue;
            if (item->kind == intake::WalkItem::Kind::error)
                return Met{.path = std::move(item->path),
                           .opened = std::unexpected(failed("Access denied."))};
            return Met{.path = std::move(item->path), .opened = open(item->place)};
        }
    }

    static std::expected<File, Answer> open(const intake::FilePlace& place) {
        constexpr int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
        const int directory = place.directory ? place.directory->get() : AT_FDCWD;
        util::UniqueFd fd(::openat(directory, place.path.c_str(), flags));
        if (!fd) return std::unexpected(why_not(errno));
        (void)::posix_fadvise(fd.get(), 0, kReadAhead, POSIX_FADV_WILLNEED);   // a hint
        return std::make_shared<const util::UniqueFd>(std::move(fd));
    }

    asio::awaitable<void> room(std::size_t limit) {
        while (in_work_ >= limit) {
            boost::system::error_code ignored;
            co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
    }

    asio::awaitable<void> scan(std::string path, File file) {
        // The queue may be full of others: their turn passes.
        const auto until = Clock::now() + hub_.settings().scan_timeout;
        while (!*connection_.gone_) {
            refused_ = false;
            ++in_work_;
            connection_.start(
                {.word = word_,
                 .ticket = ticket_,
                 .prefix = path,
                 .load =
                     [file, path, most = hub_.settings().max_artifact_bytes](core::ArtifactBuffer& buffer) {
                         return intake::load_fd(file->get(), path, {.max_artifact_bytes = most}, buffer);
                     },
                 .all_matches = word_ == Word::allmatchscan,
                 .then =
                     [this, path, last = Clock::now() + kRetry >= until](const std::vector<Answer>& answers,
                                                                         bool full) {
                         --in_work_;
                         refused_ = full && !last;
                         if (!refused_) answer(path, answers);
                         changed_.cancel();
                     }});
            if (!refused_) co_return;
            asio::steady_timer pause(hub_.io, kRetry);
            co_await pause.async_wait(asio::use_awaitable);
        }
    }

    void answer(const std::string& path, const std::vector<Answer>& answers) {
        for (const Answer& one : answers) {
            if (one.kind == Answer::Kind::ok) continue;
            told_ = true;
            stop_ = stop_ || (word_ == Word::scan && one.kind == Answer::Kind::found);
            connection_.reply(ticket_, one_line(path, ticket_.form) + ": " + one.text);
        }
    }

    Connection& connection_;
    Hub& hub_;
    Word word_;
    Ticket ticket_;
    std::string path_;
    asio::steady_timer changed_;
    intake::Walk walk_;
    std::size_t in_work_ = 0;
    bool refused_ = false;   // the last one
    bool told_ = false;      // a find or an error: then there is no OK
    bool stop_ = false;
};

asio::awaitable<void> Connection::scan_path(Command command, Ticket ticket) {
    ++pending_;   // not done before its last reply is there
    const std::string path = std::move(command.argument);
    auto opened = co_await on_files(hub_, [this, &path] { return hub_.roots.open_path(path); });
    if (!opened) {
        util::log(util::Level::info, "clamd_path_refused",
                  {{"peer", peer_.text}, {"path", path}, {"why", opened.error().text}});
        reply(ticket, path + ": " + opened.error().text);
    } else if (opened->directory) {
        DirectoryScan scan(*this, command.word, ticket, path, std::move(opened->fd));
        co_await scan.run();
    } else {
        start({.word = command.word,
               .ticket = ticket,
               .prefix = path,
               .load = descriptor_loader(std::move(opened->fd), path, hub_.settings().max_artifact_bytes),
               .all_matches = command.word == Word::allmatchscan});
    }
    --pending_;
    changed_.cancel();
}

}   // namespace microengine::clamd
