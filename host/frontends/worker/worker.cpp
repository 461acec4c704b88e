// SPDX-License-Identifier: MIT
#include "host/frontends/worker/worker.hpp"

#include "host/frontends/worker/impl.hpp"
#include "host/frontends/worker/orders.hpp"

namespace microengine::worker {

using util::Lock;

util::Result<std::unique_ptr<Worker>> Worker::start(Parts parts) {
    ME_CHECK(shared_folder(parts.settings));
    auto link = ME_TRY(broker::link_settings(parts.settings, "microengine worker"));
    auto guard = ME_TRY(fetch::AddressGuard::make(parts.settings.allow_hosts));
    return std::unique_ptr<Worker>(
        new Worker(std::make_unique<Impl>(std::move(parts), std::move(link), std::move(guard))));
}

Worker::Worker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Worker::~Worker() = default;

void Worker::stop_accepting() {
    impl_->stopping = true;
    impl_->wake.up();
}

bool Worker::drain(std::chrono::steady_clock::time_point until) {
    Lock lock(impl_->mutex);
    return impl_->drained.wait_until(lock, until,
                                     [this]() ME_REQUIRES(impl_->mutex) { return impl_->in_hand == 0; });
}

std::optional<std::string> Worker::why_not_ready() const { return impl_->reconnector.why_not_ready(); }

}   // namespace microengine::worker
