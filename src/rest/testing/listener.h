// SPDX-License-Identifier: Apache-2.0
// For tests: HTTP/1.1 on a port of this machine, a thread per connection.
#pragma once

#include <cstdint>
#include <functional>

#include "rest/http_message.h"

namespace tarn::rest {

/// Serves until the process ends. Port 0 takes a free one; `ready` is told which.
void ServeForever(uint16_t port, const std::function<Response(const Request&)>& handle,
                  const std::function<void(uint16_t)>& ready);

}  // namespace tarn::rest
