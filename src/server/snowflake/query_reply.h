// SPDX-License-Identifier: Apache-2.0
// The answer to a statement, as its client reads it.
#pragma once

#include <string>

#include "base/http_exchange.h"
#include "server/snowflake/result_shelf.h"
#include "server/snowflake/stage_files.h"
#include "server/snowflake/submission.h"

namespace tarn::server::snowflake {

struct ReplyContext {
  ResultShelf* shelf = nullptr;
  StageFiles* files = nullptr;
  std::string base_url;  ///< "http://host:port", as the client reaches us
  int64_t now_ms = 0;
};

/// REQUIRES: it has ended.
tarn::http::Response ReplyOf(const Submission& submission, const Outcome& outcome,
                             const ReplyContext& context);
/// It has not: where to ask for it later.
tarn::http::Response InProgress(const Submission& submission);

/// The body of a part of a result, without its content coding.
Result<std::string> PartBody(const ShelvedResult& result, size_t part);

}  // namespace tarn::server::snowflake
