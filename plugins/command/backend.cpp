// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include "plugins/support/utf8.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace microengine::command {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostOfVersion = 4096, kMostQuoted = 300, kMostName = 256, kMostFamily = 64;
constexpr std::chrono::seconds kVersionTime(60);

std::string first_line(std::string_view text) {
    return utf8::valid(text.substr(0, text.find('\n')), kMostQuoted);
}

/// Why its answer is none, with the first thing that it complained of.
std::string why(const std::string& program, const Ended& ended) {
    const std::string end =
        ended.how == Ended::How::signalled ? " was killed by signal " : " ended with exit code ";
    const std::string said = first_line(ended.errors);
    return program + end + std::to_string(ended.code) + (said.empty() ? "" : ": " + said);
}

[[noreturn]] void fail(const std::string& what) {
    throw Error(ME_E_FAILED, what + ": " + std::generic_category().message(errno));
}

}   // namespace

Backend::Backend(const Settings& settings) : options_(settings) {
    const std::vector<std::string> arguments = settings.strings("version_arguments");
    if (arguments.empty()) return;
    const std::string folder = Context(settings.host(), settings.call()).temp_dir();
    const Ended ended = run({options_.program, arguments, options_.environment, folder}, {}, false,
                            {[&] { return settings.stop(); }, Clock::now() + kVersionTime, kMostOfVersion});
    if (ended.how == Ended::How::late || ended.how == Ended::How::stopped)
        throw setting_error("version_arguments", options_.program + " did not end in time");
    if (ended.how != Ended::How::exited || ended.code != 0)
        throw setting_error("version_arguments", why(options_.program, ended));
    version_ = first_line(ended.output).substr(0, 63);
}

Backend::Scanner::Scanner(const Backend& backend, const Context& context) : options_(backend.options()) {
    folder_ = context.temp_dir() + "/scanner-XXXXXX";
    if (mkdtemp(folder_.data()) == nullptr) fail("cannot make a folder for the program, " + folder_);
}

Start Backend::Scanner::start() const {
    Start start{options_.program, options_.arguments, options_.environment, folder_};
    const std::string file = folder_ + "/artifact";
    for (std::string& argument : start.arguments)
        for (std::size_t at = argument.find("{file}"); at != std::string::npos;
             at = argument.find("{file}", at + file.size()))
            argument.replace(at, 6, file);
    start.environment.push_back("TMPDIR=" + folder_);
    return start;
}

void Backend::Scanner::write_artifact(const Scan& scan) const {
    const std::string file = folder_ + "/artifact";
    const Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd.get() < 0) fail("cannot write the artifact to " + file);
    for (std::string_view rest = scan.text(); !rest.empty();) {
        const ssize_t wrote = write(fd.get(), rest.data(), rest.size());
        if (wrote < 0 && errno != EINTR) fail("cannot write the artifact to " + file);
        if (wrote > 0) rest.remove_prefix(static_cast<std::size_t>(wrote));
    }
}

/// What a program left there is nothing for the next one.
void Backend::Scanner::empty_folder() const {
    std::error_code error;
    std::filesystem::directory_iterator entry(folder_, error);
    for (const std::filesystem::directory_iterator end; !error && entry != end; entry.increment(error)) {
        std::filesystem::remove_all(entry->path(), error);
        if (error) break;
    }
    // In another folder, that of another scanner, the next artifact has nothing to do with this one.
    if (error)
        throw Error(ME_E_FATAL, "cannot empty " + folder_ + " of what the program left: " + error.message());
}

void Backend::Scanner::scan(Scan& scan) {
    empty_folder();
    if (options_.by_file) write_artifact(scan);
    auto until = Clock::time_point::max();
    if (scan.time_left() != std::chrono::nanoseconds::max()) until = Clock::now() + scan.time_left();
    if (options_.timeout.count() > 0) until = std::min(until, Clock::now() + options_.timeout);
    const Ended ended = run(start(), scan.text(), !options_.by_file,
                            {[&] { return scan.stop(); }, until, options_.max_output_bytes});
    scan.check_stop();
    judge(scan, ended);
}

std::string Backend::Scanner::own_name() const {
    return std::filesystem::path(options_.program).filename().string();
}

/// The strongest verdict of its lines.
std::int32_t Backend::Scanner::report_lines(Scan& scan, const Ended& ended, Exit exit) const {
    if (!options_.detection) return ME_UNKNOWN;
    const std::int32_t verdict = exit == Exit::malicious    ? ME_MALICIOUS
                                 : exit == Exit::suspicious ? ME_SUSPICIOUS
                                                            : options_.detection_verdict;
    std::int32_t strongest = ME_UNKNOWN;
    for (std::string_view rest = ended.output; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        auto name = options_.detection->find(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (!name) continue;
        const std::string family =
            utf8::valid(options_.family ? options_.family->find(*name).value_or("") : "", kMostFamily);
        name = utf8::valid(*name, kMostName);
        if (name->empty()) name = own_name() + ".unnamed";   // it says that there is something, and not what
        strongest = verdict;
        if (!scan.add({*name, family, {}, {}, verdict})) break;
    }
    return strongest;
}

void Backend::Scanner::judge(Scan& scan, const Ended& ended) const {
    const Exit exit = ended.how == Ended::How::exited ? options_.exit(ended.code) : Exit::failed;
    const std::int32_t found = report_lines(scan, ended, exit);
    if (ended.how == Ended::How::late || ended.how == Ended::How::stopped)
        throw Error(ME_E_DEADLINE, options_.program + " was ended: out of time");
    if (ended.how == Ended::How::lost) throw Error(ME_E_FAILED, options_.program + ": how it ended is lost");
    if (exit == Exit::failed) throw Error(ME_E_FAILED, why(options_.program, ended));
    if (exit == Exit::unsupported && found == ME_UNKNOWN) throw unsupported(why(options_.program, ended));
    const bool accused = exit == Exit::malicious || exit == Exit::suspicious;
    if (accused && found == ME_UNKNOWN) {
        scan.add({own_name() + ".exit-" + std::to_string(ended.code),
                  {},
                  {},
                  {},
                  exit == Exit::malicious ? ME_MALICIOUS : ME_SUSPICIOUS});
    }
    if (exit == Exit::benign) scan.benign();
    // What was not read, by either side, may have been what mattered.
    if (ended.cut || ended.unread > 0) scan.partial(ME_PARTIAL_OTHER);
    scan.bytes_scanned(scan.size() - std::min(scan.size(), ended.unread));
}

}   // namespace microengine::command
