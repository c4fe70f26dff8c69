// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "server/postgres/backend.h"
#include "server/postgres/frontend_messages.h"

namespace tarn::server::postgres {

/// The extended protocol's messages: Parse, Bind, Describe, Execute, Close, Flush, Sync. What runs
/// between two Syncs is one transaction; after an error all is skipped up to the next Sync.
class ExtendedQuery {
 public:
  explicit ExtendedQuery(Backend& backend) : backend_(backend) {}

  /// Always true: no error of these ends a connection.
  bool Serve(char type, std::string_view payload);
  bool is_skipping() const { return skipping_; }

 private:
  warehouse::StatementResult<> Dispatch(char type, std::string_view payload);
  warehouse::StatementResult<> Parse(const ParseMessage& message);
  warehouse::StatementResult<> Bind(const BindMessage& message);
  warehouse::StatementResult<> Describe(const NamedMessage& message);
  warehouse::StatementResult<> Execute(const ExecuteMessage& message);
  warehouse::StatementResult<> Run(Portal& portal, int64_t limit);
  warehouse::StatementResult<> StartPortal(Portal& portal);
  void Close(const NamedMessage& message);
  void Sync();

  Backend& backend_;
  bool skipping_ = false;
};

}  // namespace tarn::server::postgres
