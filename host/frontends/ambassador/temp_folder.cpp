// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/temp_folder.hpp"

#include "host/util/unique_fd.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace microengine::ambassador {

util::Result<std::unique_ptr<TempFolder>> TempFolder::make() {
    std::error_code error;
    const auto parent = std::filesystem::temp_directory_path(error);
    if (error) return util::fail(util::Errc::io, "TMPDIR", error.message());
    std::string name = (parent / "microengine-ambassador-XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr)
        return util::fail_errno(util::Errc::io, parent.native(), "cannot make a folder", errno);
    return std::unique_ptr<TempFolder>(new TempFolder(std::move(name)));
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

util::Result<void> TempFolder::write(std::string_view name, std::string_view text) const {
    const std::filesystem::path file = path_ / name;
    const util::UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd) return util::fail_errno(util::Errc::io, file.native(), "cannot be created", errno);
    while (!text.empty()) {
        const ssize_t written = ::write(fd.get(), text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return util::fail_errno(util::Errc::io, file.native(), "cannot be written", errno);
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}   // namespace microengine::ambassador
