// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "provision/listen_address.h"

namespace tarn::provision {

/// Who listens at an address, to be shown to people: "process 123 (postgres)"; "a process of the
/// account root" where this account may not look closer; "nobody" if nothing listens there (any
/// more).
std::string DescribeHolder(const ListenAddress& address);

}  // namespace tarn::provision
