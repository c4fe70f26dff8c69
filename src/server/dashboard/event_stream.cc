// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/event_stream.h"

#include <fmt/format.h>

namespace tarn::server::dashboard {

using tarn::http::Response;

Response EventStream(std::shared_ptr<Watcher> watcher, std::function<bool()> is_allowed) {
  Response response;
  response.headers.emplace_back("Content-Type", "text/event-stream");
  response.headers.emplace_back("Cache-Control", "no-store");
  // Proxies that gather answers would hold events back.
  response.headers.emplace_back("X-Accel-Buffering", "no");
  response.pieces = [watcher, is_allowed = std::move(is_allowed),
                     over = false]() mutable -> Result<std::optional<std::string>> {
    if (over) return std::nullopt;
    if (!is_allowed()) {
      over = true;
      return "event: signed_out\ndata: {}\n\n";
    }
    const auto version = watcher->Take();
    if (!version) return "event: beat\ndata: {}\n\n";
    return fmt::format("event: snapshot\ndata: {{\"version\":\"{}\",\"published_ms\":{}}}\n\n",
                       version->mark, version->published_ms);
  };
  response.when_more = [watcher](std::function<void()> more) {
    watcher->WhenPending(std::move(more));
  };
  return response;
}

}  // namespace tarn::server::dashboard
