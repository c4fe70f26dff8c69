// SPDX-License-Identifier: Apache-2.0
// An address of its own for each instance, so that all of them can have PostgreSQL's usual port.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "base/result.h"

namespace tarn::provision {

struct ListenAddress {
  std::string host;
  int port = 0;
  auto operator<=>(const ListenAddress&) const = default;
};

/// Whether a server could listen there now.
bool IsFree(const ListenAddress& address);

/// The first free one of 127.0.0.2 … 127.0.0.254 at port 5432, else the first free port from 5433
/// on 127.0.0.2. Never one of `taken` (instances that may be stopped). ResourceExhausted when none
/// is free.
Result<ListenAddress> ChooseAddress(const std::vector<ListenAddress>& taken);

}  // namespace tarn::provision
