// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// The handle under which libclamav reads an artifact through our callback. It takes every handle for a
// descriptor, seeks in it and, before it reads a page that it wants to keep, compares the time of the last
// change with zero; if either fails it reads as if the artifact ended there. So the handle is a descriptor:
// of an empty file in memory whose time is zero.

namespace microengine::clamav {

class Descriptor {
public:
    Descriptor();   ///< throws std::system_error
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

}   // namespace microengine::clamav
