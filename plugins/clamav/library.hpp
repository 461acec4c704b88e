// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// libclamav as this process has it: initialised once, its messages sent to whoever listens on the same
// thread.

#include <functional>
#include <string>
#include <string_view>

namespace microengine::clamav {

/// While it lives, warnings and errors of libclamav on this thread come here instead of stderr. Scopes nest.
class Listening {
public:
    using Listener = std::function<void(std::string_view message)>;
    explicit Listening(Listener listener);
    ~Listening();
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

    /// Called by libclamav's callback; a listener that throws is not heard any more.
    static void hear(std::string_view message) noexcept;

private:
    Listener listener_;
    Listening* outer_;
};

/// Initialises libclamav, the first time. Throws microengine::Error if that does not work. [load]
void initialize_library();

/// Can this installation unpack RAR? The unpacker is a library of its own that not every system has.
[[nodiscard]] bool can_unpack_rar();

}   // namespace microengine::clamav
