// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

#include "warehouse/metastore/runs.h"
#include "warehouse/session/account.h"

namespace tarn::warehouse {

/// Refreshes dynamic tables that are due, with the rights of their owners, one after the other.
/// Round by one thread at a time; Interrupt from any.
class RefreshRunner {
 public:
  explicit RefreshRunner(Account& account) : account_(account) {}

  /// Ends runs that an earlier process left: their rows were not committed, or they would have
  /// ended with them.
  Result<> Recover();
  Result<> Round();
  /// Cancels the refresh that runs, and begins no other.
  void Interrupt() { ending_.request_stop(); }

 private:
  Result<> RefreshOne(ObjectId table);
  /// After so many failures in a row nobody tries again.
  Result<> SuspendIfHopeless(ObjectId table);

  Account& account_;
  std::stop_source ending_;
};

}  // namespace tarn::warehouse
