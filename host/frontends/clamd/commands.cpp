// SPDX-License-Identifier: MIT
// What each command does.

#include "host/frontends/clamd/scan.hpp"
#include "host/intake/read.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"

#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <sys/stat.h>

#include <functional>
#include <utility>

namespace microengine::clamd {

namespace {

bool in_sessions(Word word) {
    switch (word) {
        case Word::scan:
        case Word::fildes:
        case Word::instream:
        case Word::ping:
        case Word::version:
        case Word::versioncommands:
        case Word::stats:
        case Word::end:
            return true;
        default:
            return false;
    }
}

/// False: it could not be kept, and says so in the log.
bool keep(intake::Spool& spool, std::span<const std::uint8_t> data, const net::Peer& peer) {
    const auto kept = spool.append(data);
    if (!kept)
        util::log(util::Level::warning, "artifact_not_kept",
                  {{"peer", peer.text}, {"place", kept.error().place}, {"why", kept.error().message}});
    return kept.has_value();
}

bool takes_path(Word word) {
    return word == Word::scan || word == Word::contscan || word == Word::multiscan ||
           word == Word::allmatchscan;
}

/// As the loader, but for a client that is gone nothing is read.
core::ArtifactLoader unless_gone(core::ArtifactLoader load, std::shared_ptr<std::atomic<bool>> gone,
                                 std::string name) {
    return [load = std::move(load), gone = std::move(gone),
            name = std::move(name)](core::ArtifactBuffer& buffer) mutable -> intake::Loaded {
        if (*gone) return intake::not_loaded(std::move(name), util::Errc::cancelled, "its client is gone");
        return load(buffer);
    };
}

}   // namespace

asio::awaitable<Connection::Next> Connection::handle(Parsed parsed) {
    Ticket ticket{.form = parsed.command.form, .number = std::nullopt};
    const bool known = parsed.status != Parsed::Status::unknown;
    const Word word = parsed.command.word;
    util::count("clamd_commands_total", {{"command", known ? to_text(word) : "unknown"}});
    if (session_) {
        ticket.number = ++*session_;
        if (parsed.status == Parsed::Status::empty_stream) ticket.form = Form::old;
        if (ticket.form == Form::old) {
            reply(ticket, "Only nCMDS\\n and zCMDS\\0 are accepted inside IDSESSION. ERROR");
            co_return Next::last;
        }
        if (!known || !in_sessions(word)) {
            reply(ticket, "Command invalid inside IDSESSION. ERROR");
            co_return Next::last;
        }
        if (word == Word::end) co_return Next::last;
    } else if (!known || word == Word::end) {
        reply(ticket, "UNKNOWN COMMAND");
        co_return Next::last;
    }
    // By TCP no descriptor can come with FILDES, and that is what its reply says.
    if (!access_.may(word) && word != Word::fildes) {
        util::count("clamd_refused_total", {{"reason", "command"}});
        util::log(util::Level::info, "clamd_refused",
                  {{"peer", peer_.text},
                   {"command", std::string(to_text(word))},
                   {"path", parsed.command.argument}});
        if (!takes_path(word)) {
            reply(ticket, "COMMAND UNAVAILABLE");
            co_return Next::last;
        }
        reply(ticket, parsed.command.argument + ": Access denied. ERROR");
        co_return session_ ? Next::more : Next::last;
    }
    if (parsed.status == Parsed::Status::empty_stream) {
        start({.word = word,
               .ticket = ticket,
               .prefix = "stream",
               .load = bytes_loader({}),
               .all_matches = false});
        co_return Next::last;
    }
    co_return co_await obey(std::move(parsed.command), ticket);
}

asio::awaitable<Connection::Next> Connection::obey(Command command, Ticket ticket) {
    bool goes_on = true;
    switch (command.word) {
        case Word::ping:
            reply(ticket, "PONG");
            break;
        case Word::version:
            reply(ticket, hub_.version());
            break;
        case Word::versioncommands:
            reply(ticket, hub_.version() + "| COMMANDS: " + access_.commands());
            break;
        case Word::stats:
            reply(ticket, hub_.stats(access_.paths));
            break;
        case Word::reload:
            hub_.parts.operations.reload("clamd " + peer_.text, {});
            reply(ticket, "RELOADING");
            break;
        case Word::quit:
        case Word::shutdown:
            hub_.parts.operations.shutdown("clamd " + peer_.text);
            break;
        case Word::idsession:
            session_ = 0;
            co_return Next::more;
        case Word::instream:
            streaming_ = true;
            goes_on = co_await take_stream(ticket);
            streaming_ = false;
            break;
        case Word::fildes:
            goes_on = co_await take_descriptor(ticket);
            break;
        case Word::scan:
        case Word::contscan:
        case Word::multiscan:
        case Word::allmatchscan:
            co_await scan_path(std::move(command), ticket);
            break;
        case Word::end:
            goes_on = false;
            break;
    }
    co_return session_&& goes_on ? Next::more : Next::last;
}

/// False: the connection is of no more use.
asio::awaitable<bool> Connection::take_stream(Ticket ticket) {
    ChunkReader chunks(hub_.settings().max_artifact_bytes);
    // Nothing once it could not be kept: it is still read to its end, but takes no room from others.
    std::optional<intake::Spool> spool(hub_.parts.room);
    std::size_t taken = 0;   // of in_: a piece may be a thousand chunks
    for (;;) {
        const std::span<const std::uint8_t> bytes(
            reinterpret_cast<const std::uint8_t*>(in_.data()),   // NOLINT
            in_.size());
        const ChunkReader::Step step = chunks.next(bytes.subspan(taken));
        if (step.status == ChunkReader::Status::data && spool && !keep(*spool, step.data, peer_))
            spool.reset();
        taken += step.used;
        if (step.status == ChunkReader::Status::done) break;
        if (step.status == ChunkReader::Status::too_large) {
            util::count("clamd_refused_total", {{"reason", "artifact_size"}});
            // Clients that drop an ERROR are told in words that they know here too.
            reply(ticket, hub_.settings().unknown_as == core::UnknownAs::limits
                              ? "stream: " + unjudged("Artifact too large", hub_.settings()).text
                              : "INSTREAM size limit exceeded. ERROR");
            oversize_ = true;
            co_return false;
        }
        if (step.status == ChunkReader::Status::data) continue;
        in_.erase(0, std::exchange(taken, 0));
        const Got got = co_await fill(Clock::now() + hub_.settings().read_timeout);
        if (got == Got::late) {
            util::count("clamd_timeouts_total", {{"what", "stream"}});
            reply({.form = Form::n, .number = std::nullopt}, "COMMAND READ TIMED OUT");
        }
        if (got != Got::bytes || protocol_error_) co_return false;
    }
    in_.erase(0, taken);
    if (!spool) {
        reply(ticket, "stream: " + unjudged("Can't create temporary file", hub_.settings()).text);
        co_return true;
    }
    start({.word = Word::instream,
           .ticket = ticket,
           .prefix = "stream",
           .load = intake::Spool::loader(*std::move(spool), "stream",
                                         {.max_artifact_bytes = hub_.settings().max_artifact_bytes}),
           .all_matches = false});
    co_return true;
}

asio::awaitable<bool> Connection::take_descriptor(Ticket ticket) {
    const auto until = Clock::now() + hub_.settings().fd_wait_timeout;
    while (in_.empty()) {
        const Got got = co_await fill(until);
        if (got == Got::late) {
            util::count("clamd_timeouts_total", {{"what", "descriptor"}});
            reply({.form = Form::n, .number = std::nullopt}, "COMMAND READ TIMED OUT");
        }
        if (protocol_error_ || (got != Got::bytes && in_.empty())) co_return false;
    }
    in_.erase(0, 1);   // it only carries the descriptor
    if (descriptors_.empty()) {
        reply(ticket, "No file descriptor received. ERROR");
        co_return true;
    }
    util::UniqueFd fd = std::move(descriptors_.front());
    descriptors_.pop_front();
    const std::string prefix = "fd[" + std::to_string(fd.get()) + "]";
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        reply(ticket, prefix + ": Not a regular file ERROR");
        co_return true;
    }
    const int flags = ::fcntl(fd.get(), F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY || (flags & O_PATH) != 0) {
        reply(ticket, prefix + ": Access denied. ERROR");
        co_return true;
    }
    start({.word = Word::fildes,
           .ticket = ticket,
           .prefix = prefix,
           .load = descriptor_loader(std::move(fd), prefix, hub_.settings().max_artifact_bytes),
           .all_matches = false});
    co_return true;
}

void Connection::start(Scan scan) {
    const std::uint64_t number = ++hub_.scans;
    auto shared = std::make_shared<Scan>(std::move(scan));
    engine::Job job{.name = shared->prefix,
                    .frontend = "clamd",
                    .request = "clamd-" + std::to_string(number_) + "-" + std::to_string(number),
                    .load = unless_gone(std::move(shared->load), gone_, shared->prefix),
                    .timeout = hub_.settings().scan_timeout,
                    .urgency = shared->word == Word::multiscan || shared->word == Word::contscan
                                   ? engine::Urgency::bulk
                                   : engine::Urgency::interactive,
                    .client = std::hash<std::string>()(peer_.text),
                    .all_matches = shared->all_matches,
                    .detail = engine::Detail::verdict,
                    .done = [self = shared_from_this(), shared, number](core::Report report) {
                        asio::post(self->hub_.io, [self, shared, number, report = std::move(report)] {
                            self->finished(*shared, number, report);
                        });
                    }};
    const engine::Offer offer = hub_.parts.service.offer(std::move(job));
    if (offer == engine::Offer::accepted) {
        ++pending_;
        hub_.running.emplace(number,
                             Running{.word = shared->word, .name = shared->prefix, .since = Clock::now()});
        return;
    }
    const bool full = offer == engine::Offer::full;
    if (full) util::count("clamd_refused_total", {{"reason", "queue_full"}});
    const Answer answer = unjudged(full ? "Queue full" : "Shutting down", hub_.settings());
    if (shared->then)
        shared->then({answer}, full);
    else
        reply(shared->ticket, shared->prefix + ": " + answer.text);
}

void Connection::finished(const Scan& scan, std::uint64_t number, const core::Report& report) {
    --pending_;
    if (const auto found = hub_.running.find(number); found != hub_.running.end()) {
        util::observe("clamd_scan_seconds", {{"command", to_text(scan.word)}},
                      std::chrono::duration<double>(Clock::now() - found->second.since).count());
        hub_.running.erase(found);
    }
    const auto answers = scan.all_matches ? all_answers_of(report, hub_.settings())
                                          : std::vector<Answer>{answer_of(report, hub_.settings())};
    if (scan.then) {
        scan.then(answers, false);
    } else {
        for (const Answer& answer : answers) reply(scan.ticket, scan.prefix + ": " + answer.text);
    }
    changed_.cancel();
}

}   // namespace microengine::clamd
