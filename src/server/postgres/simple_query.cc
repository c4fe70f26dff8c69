// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/simple_query.h"

#include "server/postgres/catalogue_words.h"
#include "server/postgres/copy_out.h"
#include "server/postgres/message_reader.h"

namespace tarn::server::postgres {
namespace {

using warehouse::StatementError;
using warehouse::StatementResult;

/// The row that Snowflake shows of a statement without rows, where the session asks for it.
void SendStatus(Backend& backend, const RowSource& source) {
  const auto status = source.Status();
  if (status.empty()) return;
  std::vector<std::string> labels;
  for (const auto& [label, value] : status) labels.push_back(label);
  MessageWriter& out = backend.outbox.writer();
  WriteRowDescription(TextSource::TextColumns(labels), {}, {}, out);
  out.Begin('D');
  out.Int16(static_cast<int16_t>(status.size()));
  for (const auto& [label, value] : status) {
    out.Int32(static_cast<int32_t>(value.size()));
    out.Bytes(value);
  }
  out.End();
}

/// A cursor's rows come in the format that it was declared with.
std::vector<Format> FormatsOf(Backend& backend, const Statement& statement) {
  if (!statement.own || statement.own->kind != OwnKind::kFetch) return {};
  const auto portal = backend.portals.find(statement.own->name);
  return portal == backend.portals.end() ? std::vector<Format>{} : portal->second->formats;
}

StatementResult<> ServeStatement(Backend& backend, const StatementPtr& statement) {
  TARN_STATEMENT_ASSIGN(const auto source, backend.Start(statement, {}));
  if (statement->own && statement->own->kind == OwnKind::kCopyOut) {
    TARN_STATEMENT_ASSIGN(const int64_t rows, SendCopy(backend, *source, statement->own->copy));
    backend.SendComplete(fmt::format("COPY {}", rows));
    return {};
  }
  const std::vector<Format> formats = FormatsOf(backend, *statement);
  const RowEncoder encoder = backend.MakeEncoder(source->columns(), formats);
  if (!source->columns().empty()) {
    WriteRowDescription(source->columns(), formats, backend.parameters.type_choices(),
                        backend.outbox.writer());
  }
  TARN_STATEMENT_ASSIGN(const auto sent, backend.SendRows(*source, encoder, 0));
  if (source->columns().empty() && backend.parameters.is_on("tarn.status_rows")) {
    SendStatus(backend, *source);
  }
  backend.SendComplete(source->Tag(sent.rows));
  return {};
}

StatementResult<> ServeText(Backend& backend, const std::shared_ptr<const std::string>& text) {
  auto split = SplitStatements(*backend.session, *text, backend.parameters.dialect());
  if (!split) {
    split.error().position = ClientPosition(*text, 0, split.error().position);
    return std::unexpected(std::move(split).error());
  }
  if (split->empty()) {
    backend.outbox.writer().Begin('I');
    backend.outbox.writer().End();
    return {};
  }
  if (split->size() > 1) TARN_STATEMENT_TRY(backend.block.BeginGroup());
  for (warehouse::StatementText& part : *split) {
    const int64_t offset = part.offset;
    auto statement = backend.Prepare(text, std::move(part), false, {});
    StatementResult<> served;
    if (statement) {
      served = ServeStatement(backend, *statement);
    } else {
      served = std::unexpected(std::move(statement).error());
    }
    if (!served) {
      served.error().position = ClientPosition(*text, offset, served.error().position);
      return served;
    }
    // What BEGIN and COMMIT leave of a group goes on as one.
    if (split->size() > 1) TARN_STATEMENT_TRY(backend.block.BeginGroup());
  }
  return {};
}

/// The text of a Query or Parse message: UTF-8 up to a zero byte at the end.
StatementResult<std::shared_ptr<const std::string>> TextOf(std::string_view payload) {
  MessageReader reader(payload);
  const std::string_view text = reader.CString();
  if (auto finished = reader.Finish(); !finished) {
    return FailState(sqlstate::kProtocolViolation, "invalid string in message");
  }
  if (!IsUtf8(text)) {
    return FailState(sqlstate::kBadCharacters, "invalid byte sequence for encoding \"UTF8\"");
  }
  return std::make_shared<const std::string>(text);
}

}  // namespace

void ServeQuery(Backend& backend, std::string_view payload) {
  backend.statements.erase("");
  backend.portals.erase("");
  const auto text = TextOf(payload);
  StatementResult<> served;
  if (text) {
    served = ServeText(backend, *text);
  } else {
    served = std::unexpected(text.error());
  }
  // Cursors without hold end with the implicit transaction, before it does.
  if (!backend.block.in_block()) {
    std::erase_if(backend.portals, [](const auto& entry) { return !entry.second->kept; });
  }
  if (served) served = backend.block.EndGroup(false);
  if (!served) backend.SendError(std::move(served).error(), nullptr);
  backend.SendReady();
}

}  // namespace tarn::server::postgres
