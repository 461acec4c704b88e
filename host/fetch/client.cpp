// SPDX-License-Identifier: MIT
#include "host/fetch/client.hpp"

#include "host/fetch/get_errand.hpp"
#include "host/fetch/loop.hpp"
#include "host/fetch/post_errand.hpp"
#include "host/fetch/web_address.hpp"

#include <utility>

namespace microengine::fetch {

struct Client::Impl {
    Impl(ClientSettings settings, std::shared_ptr<intake::SpoolRoom> spool_room)
        : room(std::move(spool_room)), loop(std::move(settings)) {}

    std::shared_ptr<intake::SpoolRoom> room;
    Loop loop;
};

Client::Client(ClientSettings settings, std::shared_ptr<intake::SpoolRoom> room)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(room))) {}

// While there still is a client: who is told of the end may ask it for more.
Client::~Client() { impl_->loop.end(); }

void Client::get(Get request, std::move_only_function<void(GetAnswer)> done) {
    impl_->loop.add(std::make_unique<GetErrand>(std::move(request), impl_->room, std::move(done)));
}

void Client::post(Post request, std::move_only_function<void(PostAnswer)> done) {
    impl_->loop.add(std::make_unique<PostErrand>(std::move(request), std::move(done)));
}

bool can_be_asked(std::string_view url) { return WebAddress::parse(url).has_value(); }

}   // namespace microengine::fetch
