// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace tarn::cli {

/// A text with statements, and what messages call it.
struct SqlScript {
  std::string name;  ///< a file's; "" = given on the command line
  std::string text;
};

struct ScriptStatement {
  std::string text;
  size_t offset = 0;  ///< of its first byte in the script
};

/// By the server's grammar. InvalidArgument, with the line, where a string or comment never ends.
Result<std::vector<ScriptStatement>> SplitStatements(const SqlScript& script);

/// The line of an offset, from 1.
size_t LineAt(std::string_view text, size_t offset);

/// "LINE 3: SELECT x FROM t" and below it a mark at the offset.
std::string ShowPlace(std::string_view text, size_t offset);

/// What was typed so far, cut behind the last statement that a semicolon ends; absent: none is.
std::optional<size_t> CompleteUpTo(const std::string& typed);

}  // namespace tarn::cli
