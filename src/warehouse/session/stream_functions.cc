// SPDX-License-Identifier: Apache-2.0
// SYSTEM$STREAM_HAS_DATA and SYSTEM$STREAM_GET_TABLE_TIMESTAMP.
#include <array>

#include "sql/bind/coercion.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/system_functions.h"
#include "warehouse/streams/stream_changes.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kNanosecondsPerMs = 1'000'000;

/// The stream that the first argument names, where the caller may read it.
StatementResult<Object<Stream>> StreamOf(const SystemCall& call) {
  STATEMENT_ASSIGN(const std::string text, TextArgument(call, 0));
  STATEMENT_ASSIGN(const ObjectName name, ParseObjectName(text));
  const Snapshot& snapshot = *call.moment.snapshot;
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, call.caller));
  STATEMENT_ASSIGN(const ObjectHead head,
                   Resolve(snapshot, call.caller, authority, ObjectKind::kStream, name, "SELECT"));
  STATEMENT_TRY(authority.Require(head, kSelect));
  STATEMENT_ASSIGN(auto stream, snapshot.Find<Stream>(head.id));
  if (!stream) return DoesNotExist(ObjectKind::kStream, name.Written());
  return Object<Stream>{head, *std::move(stream)};
}

StatementResult<sql::bound::Expression> StreamHasData(const SystemCall& call) {
  STATEMENT_ASSIGN(const Object<Stream> stream, StreamOf(call));
  STATEMENT_ASSIGN(const bool has, HasChanges(call.moment, stream.head, stream.value));
  return BooleanConstant(has);
}

StatementResult<sql::bound::Expression> StreamTableTimestamp(const SystemCall& call) {
  STATEMENT_ASSIGN(const Object<Stream> stream, StreamOf(call));
  STATEMENT_ASSIGN(const int64_t at_ms, OffsetTimeMs(call.moment, stream.head, stream.value));
  return sql::IntegerConstant(at_ms * kNanosecondsPerMs);
}

constexpr std::array kFunctions = {
    SystemFunction{"SYSTEM$STREAM_HAS_DATA", 1, 1, StreamHasData},
    SystemFunction{"SYSTEM$STREAM_GET_TABLE_TIMESTAMP", 1, 1, StreamTableTimestamp}};

}  // namespace

std::span<const SystemFunction> StreamFunctions() { return kFunctions; }

}  // namespace tarn::warehouse
