// SPDX-License-Identifier: MIT
// The smallest real backend: it knows one artifact, the EICAR test file, by the definition of its standard
// (https://www.eicar.org/download-anti-malware-testfile/): the 68 bytes at the very start, then nothing but
// white space, 128 bytes at most.

#include <microengine/plugin.hpp>

#include <string_view>

namespace {

/// In two halves, so that neither this source nor the built plugin contains the test file.
constexpr std::string_view kHead = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-";
constexpr std::string_view kTail = "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
constexpr std::string_view kWhiteSpace = "\t\n\r\x1a ";   // tab, line feed, carriage return, Ctrl-Z, blank
constexpr std::size_t kMaxSize = 128;

bool is_eicar(std::string_view artifact) {
    if (artifact.size() > kMaxSize || artifact.substr(0, kHead.size()) != kHead) return false;
    artifact.remove_prefix(kHead.size());
    if (artifact.substr(0, kTail.size()) != kTail) return false;
    return artifact.find_first_not_of(kWhiteSpace, kTail.size()) == std::string_view::npos;
}

/// The backend: signatures, loaded once, shared by all scanners, never changed. Here there is nothing to
/// load.
struct Eicar {
    explicit Eicar(const microengine::Settings& /*settings*/) {}
    static microengine::Signatures signatures() {
        return {.count = 1, .date_unix = 0, .version = "2003-05-01"};
    }
    /// Working memory: one thread at a time.
    struct Scanner {
        explicit Scanner(const Eicar& /*backend*/) {}
        static void scan(microengine::Scan& scan) {
            if (is_eicar(scan.text())) scan.malicious("Eicar-Test-Signature", "EICAR");
        }   // saying nothing is an abstention, never "benign"
    };
};

}   // namespace

ME_PLUGIN(Eicar, microengine::Card("org.microengine.eicar", "1.0.0")
                     .name("EICAR")
                     .vendor("Microengine")
                     .license("MIT")
                     .promises(ME_CAP_PARALLEL_SCANNERS | ME_CAP_FORK_AFTER_OPEN | ME_CAP_POLLS_STOP |
                               ME_CAP_DETERMINISTIC));
