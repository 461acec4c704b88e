// SPDX-License-Identifier: MIT
// A plugin of ABI 1.0 in the C++ layer of that day. It uses all that 1.0 offers: every type of setting, files and URLs, a
// temporary directory, the log, detections with everything in them, and each optional interface.
#include <microengine/plugin.hpp>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace me = microengine;

class Frozen {
public:
    explicit Frozen(const me::Settings& settings)
        : name_(settings.string("name")),
          words_(settings.strings("words")),
          confidence_(static_cast<std::uint32_t>(settings.integer("confidence"))),
          canaries_{{ME_BENIGN, "a harmless canary"}, {ME_MALICIOUS, canary_bytes()}} {
        if (name_ == "refused") throw me::setting_error("name", "this name is refused");
        if (settings.has("file")) words_.push_back(first_line(settings.path("file")));
        if (settings.boolean("loud")) settings.log(ME_LOG_WARN, "frozen C++ was opened");
        if (settings.host()->extension("org.microengine.test.unheard-of/9") != nullptr)
            throw me::Error(ME_E_FAILED, "the host has an extension that nobody has");
    }
    Frozen(const Frozen&) = delete;

    class Scanner {
    public:
        Scanner(const Frozen& backend, const me::Context& context)
            : backend_(backend), temp_dir_(context.temp_dir()) {}
        void scan(me::Scan& scan) {
            cancelled_ = false;
            if (scan.text() == "throw") throw std::runtime_error("asked to throw");
            if (scan.text() == "throw a number") throw 42;
            if (scan.text() == "not mine") throw me::unsupported("not my kind of artifact");
            if (scan.text() == "half of it") scan.partial(ME_PARTIAL_ENCRYPTED);
            if (scan.text() == "a temporary file") write_and_read();
            while (scan.text() == "wait" && !cancelled_) scan.check_stop();
            const std::size_t at = backend_.find_eicar(scan.text());
            if (at != std::string_view::npos) {
                scan.add({backend_.name_, "Eicar", "frozen", "{\"frozen\":true}", ME_MALICIOUS, backend_.confidence_,
                          {"test", "harmless"}, at, kMarkerSize});
                scan.confidence(backend_.confidence_);
            }
            for (const std::string& word : backend_.words_)
                if (scan.text().find(word) != std::string_view::npos) scan.suspicious("Word." + word, "Word");
            if (scan.is_url() && scan.text().find("evil") != std::string_view::npos) scan.suspicious("Url.Evil", "Url");
            scan.bytes_scanned(scan.size());
            scan.benign();
        }
        void cancel() noexcept { cancelled_ = true; }

    private:
        void write_and_read() const {
            const std::string path = temp_dir_ + "/frozen";
            std::ofstream(path) << "written";
            if (first_line(path) != "written") throw me::Error(ME_E_FAILED, "the temporary directory keeps nothing");
            std::remove(path.c_str());
        }
        const Frozen& backend_;
        std::string temp_dir_;
        std::atomic<bool> cancelled_{false};
    };

    me::Signatures signatures() const { return {1 + words_.size(), 1767225600, "frozen-1", false}; }
    const std::vector<me::Canary>& canaries() const { return canaries_; }
    static void prepare(const me::Settings& settings, const char* out_path) { std::ofstream(out_path) << settings.string("name"); }

private:
    static constexpr std::string_view kFirst = "EICAR-STANDARD-", kSecond = "ANTIVIRUS-TEST-FILE";
    static constexpr std::size_t kMarkerSize = kFirst.size() + kSecond.size();

    static std::string_view canary_bytes() {
        static const std::string bytes = std::string(kFirst).append(kSecond);
        return bytes;
    }
    static std::string first_line(const std::string& path) {
        std::ifstream file(path);
        std::string line;
        if (!std::getline(file, line) || line.empty()) throw me::setting_error("file", path + " has no first line");
        return line;
    }
    std::size_t find_eicar(std::string_view text) const {
        std::size_t at = text.find(kFirst);
        while (at != std::string_view::npos && text.substr(at + kFirst.size(), kSecond.size()) != kSecond)
            at = text.find(kFirst, at + 1);
        return at;
    }

    std::string name_;
    std::vector<std::string> words_;
    std::uint32_t confidence_;
    std::vector<me::Canary> canaries_;
};

ME_PLUGIN(Frozen, me::Card("org.microengine.test.frozen-cpp", "1.0.0")
                      .name("Frozen C++")
                      .vendor("Microengine")
                      .license("MIT")
                      .takes(ME_ARTIFACT_FILE | ME_ARTIFACT_URL)
                      .promises(ME_CAP_PARALLEL_SCANNERS | ME_CAP_FORK_AFTER_OPEN | ME_CAP_POLLS_STOP | ME_CAP_DETERMINISTIC)
                      .needs(ME_NEED_TEMP_DIR)
                      .setting(me::string("name").by_default("Eicar").doc("name of the signature"))
                      .setting(me::string("words").list().doc("words that are suspicious"))
                      .setting(me::integer("confidence").by_default("9000").unit("basis points").allowed("0..10000").doc("of EICAR"))
                      .setting(me::boolean("loud").by_default("false").doc("log a line when opened"))
                      .setting(me::path("file").doc("one more suspicious word: the first line of this file")))
