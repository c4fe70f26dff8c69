// SPDX-License-Identifier: Apache-2.0
// A session for tests of protocols, which runs a few statements of its own making:
//   rows N [columns…]      N rows (id NUMBER(18,0), name VARCHAR, amount NUMBER(12,2))
//   types                  a row with a value of every type, and a row of nulls
//   echo $1, $2, …         the parameters as they came
//   error CODE [message]   fails with this SQLSTATE
//   errorafter N           fails after N rows
//   sleep MS               runs so long, unless cancelled
//   stall N                N rows one by one, then nothing for a minute
//   notice TEXT            says it
//   insert N, update N, delete N, merge N, create X
// and the sessions' transactions.
#pragma once

#include <memory>
#include <string>

#include "warehouse/session.h"

namespace tarn::server {

/// Users "admin" and others in the list, all with the same password. Thread-safe.
std::unique_ptr<warehouse::SessionFactory> MakeScriptedSessions(const std::string& verifier);

}  // namespace tarn::server
