// SPDX-License-Identifier: Apache-2.0
#include "warehouse/scheduler/triggered_task.h"

#include <charconv>

#include "sql/syntax/lexer.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/streams/stream_changes.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr uint64_t kStreamHasData = syntax::HashWord("SYSTEM$STREAM_HAS_DATA");
constexpr int64_t kSecondMs = 1000;

}  // namespace

std::vector<std::string> StreamsAskedFor(std::string_view condition) {
  std::vector<std::string> streams;
  const auto tokens = syntax::Tokenize(condition);
  if (!tokens) return streams;
  for (size_t i = 0; i + 2 < tokens->size(); ++i) {
    const syntax::Token& name = (*tokens)[i + 2];
    const bool asks = (*tokens)[i].kind == syntax::TokenKind::kWord &&
                      (*tokens)[i].hash == kStreamHasData &&
                      (*tokens)[i + 1].kind == syntax::TokenKind::kLeftParenthesis;
    const bool text =
        name.kind == syntax::TokenKind::kString || name.kind == syntax::TokenKind::kDollarString;
    if (!asks || !text) continue;
    streams.push_back(
        syntax::DecodeString(condition.substr(name.span.begin, name.span.end - name.span.begin)));
  }
  return streams;
}

bool IsTriggered(const Task& task) {
  return task.schedule.empty() && task.predecessors.empty() && !task.finalizes &&
         !StreamsAskedFor(task.condition).empty();
}

Result<int64_t> TriggerIntervalMs(const Snapshot& snapshot, ObjectId task) {
  TARN_ASSIGN(const auto set, FindParameter(snapshot, task, kTriggerInterval));
  int64_t seconds = kTriggerIntervalDefault;
  if (set) std::from_chars(set->value.data(), set->value.data() + set->value.size(), seconds);
  return seconds * kSecondMs;
}

StatementResult<bool> HasTrigger(NamingMoment& moment, const Caller& caller, const Task& task) {
  const Snapshot& snapshot = *moment.snapshot;
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  for (const std::string& written : StreamsAskedFor(task.condition)) {
    STATEMENT_ASSIGN(const ObjectName name, ParseObjectName(written));
    STATEMENT_ASSIGN(const ObjectHead head,
                     Resolve(snapshot, caller, authority, ObjectKind::kStream, name, "SELECT"));
    STATEMENT_TRY(authority.Require(head, kSelect));
    STATEMENT_ASSIGN(const auto stream, snapshot.Find<Stream>(head.id));
    if (!stream) continue;
    STATEMENT_ASSIGN(const bool has, HasChanges(moment, head, *stream));
    if (has) return true;
  }
  return false;
}

}  // namespace tarn::warehouse
