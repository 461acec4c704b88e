// SPDX-License-Identifier: MIT
// A backend that does nothing but touch every page of an artifact and answer: what a scan costs besides the
// scanning, page faults included. For benchmarks, and variants for the verdict cache.

#include <microengine/plugin.hpp>

#include <cstddef>
#include <cstdint>

namespace {

namespace me = microengine;

constexpr std::size_t kPage = 4096;
constexpr std::uint32_t kPromises = ME_CAP_PARALLEL_SCANNERS | ME_CAP_FORK_AFTER_OPEN;
#ifdef WRONG
enum Wrong { NOTHING, READS_PATHS, NO_VERSION, FLEETING };
constexpr const char* kVersion = WRONG == NO_VERSION ? "" : "1";
constexpr bool kFleeting = WRONG == FLEETING;
constexpr std::uint32_t kMore = ME_CAP_DETERMINISTIC, kNeeds = WRONG == READS_PATHS ? ME_NEED_READ_PATHS : 0;
#else
#define CARD_NAME "toucher"
constexpr const char* kVersion = "1";
constexpr bool kFleeting = false;
constexpr std::uint32_t kMore = 0, kNeeds = 0;
#endif

struct Toucher {
    explicit Toucher(const me::Settings& /*settings*/) {}
    static me::Signatures signatures() {
        return {.count = 1, .date_unix = 0, .version = kVersion, .fleeting = kFleeting};
    }

    struct Scanner {
        explicit Scanner(const Toucher& /*backend*/) {}
        void scan(me::Scan& scan) {
            const volatile std::uint8_t* bytes = scan.data();   // volatile: each is really read
            std::uint64_t read = 0;
            for (std::size_t at = 0; at < scan.size(); at += kPage) read += bytes[at];
            sum = read;
            scan.benign();
        }
        std::uint64_t sum = 0;
    };
};

}   // namespace

ME_PLUGIN(Toucher, me::Card("org.microengine.test." CARD_NAME, "1.0.0")
                       .name("Toucher")
                       .license("MIT")
                       .promises(kPromises | kMore)
                       .needs(kNeeds))
