// SPDX-License-Identifier: Apache-2.0
// The end of what sessions have for themselves: temporary tables, views, stages and file formats.
#pragma once

#include <string_view>

#include "warehouse/session/account.h"

namespace tarn::warehouse {

/// Drops what the session made for itself. Tables wait for the next purge, which is woken; files of
/// internal stages go at once. What fails is done when the account is opened again.
Result<> DropTemporaryObjects(Account& account, std::string_view session);

/// The same of all sessions: of those that an earlier process did not end. REQUIRES: there is no
/// session yet.
Result<> DropAbandonedObjects(Account& account);

}  // namespace tarn::warehouse
