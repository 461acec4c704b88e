// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/spawner.hpp"

#include "host/util/random_id.hpp"

#include <csignal>
#include <utility>

namespace microengine::ambassador {

namespace {

constexpr auto kStartPatience = std::chrono::minutes(3);   // signatures may be many

}   // namespace

Spawner::Spawner(SpawnParts parts, std::string market_address, std::unique_ptr<TempFolder> folder)
    : parts_(std::move(parts)), market_address_(std::move(market_address)), folder_(std::move(folder)) {}

util::Result<std::unique_ptr<Spawner>> Spawner::make(SpawnParts parts, std::string market_address) {
    return std::unique_ptr<Spawner>(
        new Spawner(std::move(parts), std::move(market_address), ME_TRY(TempFolder::make())));
}

util::Result<std::filesystem::path> Spawner::new_file(std::string_view what, std::string_view text) {
    const std::string name = std::to_string(++files_) + "-" + std::string(what);
    ME_CHECK(folder_->write(name, text));
    return folder_->path() / name;
}

util::Result<std::filesystem::path> Spawner::new_secret(std::string_view text) {
    secrets_.push_back(util::random_id().append(text));
    return new_file("secret", secrets_.back() + "\n");
}

util::Result<Overlay> Spawner::plain() {
    Overlay overlay;
    overlay.secret_file = ME_TRY(new_secret());
    overlay.journal = folder_->path() / (std::to_string(++files_) + "-journal.db");
    overlay.allow_hosts = {market_address_};
    return overlay;
}

util::Result<std::unique_ptr<Child>> Spawner::start_child(const Overlay& overlay) {
    const std::string text = ME_TRY(parts_.configure(overlay));
    const auto config = ME_TRY(new_file("config.toml", text));
    return Child::start(parts_.program, config);
}

util::Result<Spawner::Engine> Spawner::start(const Overlay& overlay) {
    auto secret = ME_TRY(bounty::read_secret(overlay.secret_file));
    auto child = ME_TRY(start_child(overlay));
    const std::string address = ME_TRY(child->address(Clock::now() + kStartPatience));
    auto target = ME_TRY(parse_target("http://" + address + parts_.webhook_path));
    return Engine{.child = std::move(child),
                  .target = std::move(target),
                  .secret = std::move(secret),
                  .overlay = overlay};
}

std::optional<int> Spawner::end(Engine& engine, milliseconds patience) {
    engine.child->signal(SIGTERM);
    const auto code = engine.child->wait(Clock::now() + patience);
    kill(engine);
    return code;
}

void Spawner::kill(Engine& engine) {
    engine.child->signal(SIGKILL);
    (void)engine.child->wait(Clock::time_point::max());
    logs_ += engine.child->log();
}

}   // namespace microengine::ambassador
