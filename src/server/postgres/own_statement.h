// SPDX-License-Identifier: Apache-2.0
// Statements that are PostgreSQL's and not the warehouse's: sessions, transactions, cursors,
// prepared statements, COPY to the client. Told apart by their first tokens; what is not one of
// them goes to the session as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/postgres/sqlstate.h"

namespace tarn::server::postgres {

enum class OwnKind : uint8_t {
  kSet,
  kSetMany,  ///< SET TRANSACTION, SESSION CHARACTERISTICS
  kNothing,  ///< accepted without effect: SET ROLE NONE, LISTEN
  kReset,
  kShow,
  kBegin,
  kCommit,
  kRollback,
  kSavepoint,
  kRelease,
  kRollbackTo,
  kDeclare,
  kFetch,
  kMove,
  kClose,
  kPrepare,
  kExecute,
  kDeallocate,
  kDiscard,
  kCopyOut,
  kKnown,  ///< known_query.h: `words` are its columns, `name` what its one row shows, "" = no row
  kUnsupported,
};

struct CopyOptions {
  enum class Format : uint8_t { kText, kCsv, kBinary } format = Format::kText;
  bool header = false;
  char delimiter = '\t';
  std::string null = "\\N";
  char quote = '"', escape = '"';
  bool force_quote_all = false;
};

/// What FETCH and MOVE go over.
struct CursorMove {
  enum class Kind : uint8_t {
    kForward,   ///< `count` rows on; negative: back; 0: the current row again
    kAbsolute,  ///< the row with this number, from the end where negative
    kRelative,
  } kind = Kind::kForward;
  int64_t count = 1;
  bool all = false;  ///< to the end, or, with a negative count, to the beginning
};

struct OwnStatement {
  OwnKind kind = OwnKind::kNothing;
  std::string tag;
  std::string name;  ///< parameter, cursor, savepoint, statement; "" = all, where there are many
  std::optional<std::string> value;  ///< absent: DEFAULT
  bool local = false;
  std::vector<std::pair<std::string, std::string>> settings;  ///< of a transaction
  std::string query;                                          ///< the statement inside this one
  size_t query_offset = 0;
  bool scroll = false, hold = false, binary = false;
  CursorMove move;
  std::vector<std::string> words;  ///< types of PREPARE; arguments of EXECUTE, as texts of SQL
  CopyOptions copy;
};

/// Absent: the session's. 42601 where it can be no other's and is not well formed.
warehouse::StatementResult<std::optional<OwnStatement>> ParseOwn(std::string_view statement);

}  // namespace tarn::server::postgres
