// SPDX-License-Identifier: MIT
#pragma once
// The artifacts of a load run, again from the start when there are no more. One thread at a time.

#include "host/frontends/ambassador/specimens.hpp"
#include "host/util/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace microengine::ambassador {

struct Specimen {
    std::string name;
    std::string bytes;
    Truth truth;
};

class Corpus {
public:
    /// EICAR and harmless texts in turn, each with bytes of its own, so that no cache answers.
    explicit Corpus(std::uint64_t first_number) : number_(first_number) {}
    /// The files below DIR/malicious and DIR/benign, by their paths, taken in turn from both. An error: there
    /// is none, or a folder cannot be read.
    [[nodiscard]] static util::Result<Corpus> read(const std::filesystem::path& folder);

    /// An error: that file cannot be read.
    [[nodiscard]] util::Result<Specimen> next();

private:
    struct File {
        std::filesystem::path path;
        bool malicious = false;
    };
    std::vector<File> files_;   // none: what is made here
    std::uint64_t number_ = 0;
};

}   // namespace microengine::ambassador
