// SPDX-License-Identifier: MIT
#include "host/intake/stream.hpp"

#include "host/intake/read.hpp"

#include <utility>

namespace microengine::intake {

core::ArtifactLoader stream_loader(int fd, std::string name, Limits limits) {
    return [fd, name = std::move(name), limits](core::ArtifactBuffer& buffer) mutable -> Loaded {
        return load_stream(fd, std::move(name), limits, buffer);
    };
}

}   // namespace microengine::intake
