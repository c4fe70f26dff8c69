// SPDX-License-Identifier: Apache-2.0
// The extended protocol's messages as values. Every view points into the payload.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "server/postgres/row_encoder.h"
#include "server/postgres/sqlstate.h"

namespace tarn::server::postgres {

struct ParseMessage {
  std::string_view statement, text;
  std::vector<uint32_t> parameter_oids;
};

struct BindMessage {
  std::string_view portal, statement;
  std::vector<Format> parameter_formats;  ///< none, one for all, or one each
  std::vector<std::optional<std::string_view>> values;
  std::vector<Format> result_formats;
};

/// Describe and Close.
struct NamedMessage {
  bool is_portal = false;
  std::string_view name;
};

struct ExecuteMessage {
  std::string_view portal;
  int32_t limit = 0;
};

// 08P01 for a payload that is not exactly such a message.
warehouse::StatementResult<ParseMessage> ReadParse(std::string_view payload);
warehouse::StatementResult<BindMessage> ReadBind(std::string_view payload);
warehouse::StatementResult<NamedMessage> ReadNamed(std::string_view payload);
warehouse::StatementResult<ExecuteMessage> ReadExecute(std::string_view payload);

}  // namespace tarn::server::postgres
