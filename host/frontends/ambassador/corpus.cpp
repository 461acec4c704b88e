// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/corpus.hpp"

#include "host/util/files.hpp"

#include <algorithm>
#include <utility>

namespace microengine::ambassador {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{100} << 20;   // what engines take by default

util::Result<std::vector<fs::path>> files_below(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    if (!fs::exists(folder, error)) return files;
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
        if (entry->is_regular_file(error)) files.push_back(entry->path());
    if (error) return util::fail(util::Errc::io, folder.native(), error.message());
    std::ranges::sort(files);
    return files;
}

}   // namespace

util::Result<Corpus> Corpus::read(const fs::path& folder) {
    Corpus corpus(0);
    const auto malicious = ME_TRY(files_below(folder / "malicious"));
    const auto benign = ME_TRY(files_below(folder / "benign"));
    if (malicious.empty() && benign.empty())
        return util::fail(util::Errc::usage, folder.native(), "has no files in malicious/ or benign/");
    for (std::size_t i = 0; i < std::max(malicious.size(), benign.size()); ++i) {
        if (!malicious.empty()) corpus.files_.push_back({malicious[i % malicious.size()], true});
        if (!benign.empty()) corpus.files_.push_back({benign[i % benign.size()], false});
    }
    return corpus;
}

util::Result<Specimen> Corpus::next() {
    const std::uint64_t number = number_++;
    if (files_.empty()) {
        const bool bad = number % 2 == 0;
        return Specimen{.name = (bad ? "EICAR " : "benign text ") + std::to_string(number),
                        .bytes = bad ? eicar(number) : benign_text(number),
                        .truth = bad ? malicious() : benign()};
    }
    const File& file = files_[number % files_.size()];
    return Specimen{.name = file.path.native(),
                    .bytes = ME_TRY(util::read_file(file.path, kMostBytes)),
                    .truth = file.malicious ? malicious() : benign()};
}

}   // namespace microengine::ambassador
