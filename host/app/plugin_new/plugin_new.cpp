// SPDX-License-Identifier: MIT
#include "host/app/plugin_new/plugin_new.hpp"

#include "host/app/plugin_new/next_steps.hpp"
#include "host/app/plugin_new/project.hpp"
#include "host/util/files.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace microengine::app {

namespace fs = std::filesystem;

std::optional<int> make_plugin(App& app) {
    const PluginWish& wish = app.options.plugin_new;
    const auto folder = project_folder(wish);
    if (!folder) return app.complain(folder.error(), 64);
    const auto files = project_files(util::layout().templates, wish);
    if (!files) return app.complain(files.error(), 2);
    if (const auto written = write_project(*folder, *files); !written)
        return app.complain(written.error(), 2);

    std::error_code ignored;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment
    const char* path = std::getenv("PATH");
    const bool printed = app.console.print(next_steps(wish, files->size(),
                                                      {.folder = *folder,
                                                       .here = fs::current_path(ignored),
                                                       .program = fs::read_symlink("/proc/self/exe", ignored),
                                                       .path = path == nullptr ? "" : path}));
    return printed ? 0 : 2;
}

}   // namespace microengine::app
