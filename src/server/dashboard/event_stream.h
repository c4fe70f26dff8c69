// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "base/http_exchange.h"
#include "server/dashboard/snapshot_watch.h"

namespace tarn::server::dashboard {

/// Server-sent events (HTML Standard, "Server-sent events"): "snapshot" at once and with every new
/// version, {"version", "published_ms"}; "beat" now and then, so that both sides notice a
/// connection that is gone. Ends with "signed_out" when `is_allowed` no longer holds.
tarn::http::Response EventStream(std::shared_ptr<Watcher> watcher,
                                 std::function<bool()> is_allowed);

}  // namespace tarn::server::dashboard
