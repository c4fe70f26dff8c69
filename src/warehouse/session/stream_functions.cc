// SPDX-License-Identifier: Apache-2.0
// SYSTEM$STREAM_HAS_DATA.
#include <array>

#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/system_functions.h"
#include "warehouse/streams/stream_changes.h"

namespace tarn::warehouse {
namespace {

StatementResult<sql::bound::Expression> StreamHasData(const SystemCall& call) {
  STATEMENT_ASSIGN(const std::string text, TextArgument(call, 0));
  STATEMENT_ASSIGN(const ObjectName name, ParseObjectName(text));
  const Snapshot& snapshot = *call.moment.snapshot;
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, call.caller));
  STATEMENT_ASSIGN(const ObjectHead head,
                   Resolve(snapshot, call.caller, authority, ObjectKind::kStream, name, "SELECT"));
  STATEMENT_TRY(authority.Require(head, kSelect));
  STATEMENT_ASSIGN(const auto stream, snapshot.Find<Stream>(head.id));
  if (!stream) return DoesNotExist(ObjectKind::kStream, name.Written());
  STATEMENT_ASSIGN(const bool has, HasChanges(snapshot, head, *stream));
  return BooleanConstant(has);
}

constexpr std::array kFunctions = {SystemFunction{"SYSTEM$STREAM_HAS_DATA", 1, 1, StreamHasData}};

}  // namespace

std::span<const SystemFunction> StreamFunctions() { return kFunctions; }

}  // namespace tarn::warehouse
