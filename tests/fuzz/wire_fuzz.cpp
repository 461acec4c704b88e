// SPDX-License-Identifier: MIT
// What a worker may send: refused, or read so that it is written the same again. A message has one spelling.
#include "host/wire/codec.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

namespace wire = microengine::wire;

template <class... Messages>
int messages_in(std::string_view bytes) {
    int read = 0;
    const auto try_one = [&]<class Message>(const Message* /*of this type*/) {
        const auto message = wire::decode<Message>(bytes);
        if (!message) return;
        ++read;
        std::string written;
        wire::encode(*message, written);
        if (written != bytes) std::abort();
        const auto again = wire::decode<Message>(written);
        std::string twice;
        if (again) wire::encode(*again, twice);
        if (twice != written) std::abort();
        if constexpr (requires { message->result; })
            if (!wire::is_believable(message->result)) std::abort();
    };
    (try_one(static_cast<const Messages*>(nullptr)), ...);
    return read;
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);   // a byte view
    const int read =
        messages_in<wire::OpenBackend, wire::StartWorker, wire::Opened, wire::Refused, wire::Forked,
                    wire::Died, wire::ScanArtifact, wire::Ready, wire::Found, wire::Said, wire::Done>(bytes);
    if (read > 1) std::abort();   // it is one kind of message
    return 0;
}
