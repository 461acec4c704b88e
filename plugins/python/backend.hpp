// SPDX-License-Identifier: MIT
#pragma once
// A Python scanner class as a backend. Each Scanner is an object of that class with an event loop of its own.

#include "objects.hpp"

#include <microengine/plugin.hpp>

#include <memory>
#include <string>

namespace microengine::python {

struct Running;

class Backend {
public:
    explicit Backend(const Settings& settings);
    /// Nobody knows what a script looks at: what it says is not remembered.
    [[nodiscard]] Signatures signatures() const { return {1, 0, version_, true}; }
    [[nodiscard]] PyObject* object() const { return object_.get(); }

    class Scanner {
    public:
        Scanner(const Backend& backend, const Context& context);
        ~Scanner();
        Scanner(const Scanner&) = delete;
        Scanner& operator=(const Scanner&) = delete;
        void scan(Scan& scan);
        /// Wakes its loop, and interrupts Python wherever it is. Any thread, never blocks.
        void cancel() noexcept;

    private:
        void forget_old_words() const;
        [[nodiscard]] Object ask(const Scan& scan) const;

        Object session_;
        int wake_fd_ = -1, woken_fd_ = -1;
        std::shared_ptr<Running> running_;   // shared with the threads that interrupt it
    };

private:
    Object object_;
    std::string version_;
};

}   // namespace microengine::python
