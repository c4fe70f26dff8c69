// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "warehouse/session.h"

namespace tarn::warehouse {

class Account;

/// Sessions of an account, which outlives them and the factory.
std::unique_ptr<SessionFactory> MakeSessionFactory(Account& account, int32_t sessions_max);

}  // namespace tarn::warehouse
