// SPDX-License-Identifier: MIT
#pragma once
// A scanner program as a backend: what it wrote and how it ended, as an answer.

#include "options.hpp"
#include "run.hpp"

#include <microengine/plugin.hpp>

#include <string>

namespace microengine::command {

class Backend {
public:
    explicit Backend(const Settings& settings);
    [[nodiscard]] Signatures signatures() const { return {1, 0, version_, true}; }
    [[nodiscard]] const Options& options() const { return options_; }

    class Scanner {
    public:
        Scanner(const Backend& backend, const Context& context);
        void scan(Scan& scan);

    private:
        [[nodiscard]] Start start() const;
        void write_artifact(const Scan& scan) const;
        void empty_folder() const;
        [[nodiscard]] std::string own_name() const;
        std::int32_t report_lines(Scan& scan, const Ended& ended, Exit exit) const;
        void judge(Scan& scan, const Ended& ended) const;

        const Options& options_;
        std::string folder_;
    };

private:
    Options options_;
    std::string version_;
};

}   // namespace microengine::command
