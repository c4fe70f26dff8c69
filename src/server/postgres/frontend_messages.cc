// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/frontend_messages.h"

#include "server/postgres/message_reader.h"

namespace tarn::server::postgres {
namespace {

using warehouse::StatementResult;

StatementResult<> Finish(const MessageReader& reader) {
  auto finished = reader.Finish();
  if (finished) return {};
  return FailState(sqlstate::kProtocolViolation, "{}", finished.error().message);
}

StatementResult<std::vector<Format>> ReadFormats(MessageReader& reader) {
  const size_t count = reader.UInt16();
  std::vector<Format> formats;
  for (size_t i = 0; i < count && !reader.failed(); ++i) {
    const int16_t code = reader.Int16();
    if (code != 0 && code != 1) {
      return FailState(sqlstate::kInvalidParameter, "unsupported format code: {}", code);
    }
    formats.push_back(static_cast<Format>(code));
  }
  return formats;
}

}  // namespace

StatementResult<ParseMessage> ReadParse(std::string_view payload) {
  MessageReader reader(payload);
  ParseMessage message;
  message.statement = reader.CString();
  message.text = reader.CString();
  const size_t count = reader.UInt16();
  for (size_t i = 0; i < count && !reader.failed(); ++i) {
    message.parameter_oids.push_back(static_cast<uint32_t>(reader.Int32()));
  }
  TARN_STATEMENT_TRY(Finish(reader));
  return message;
}

StatementResult<BindMessage> ReadBind(std::string_view payload) {
  MessageReader reader(payload);
  BindMessage message;
  message.portal = reader.CString();
  message.statement = reader.CString();
  TARN_STATEMENT_ASSIGN(message.parameter_formats, ReadFormats(reader));
  const size_t count = reader.UInt16();
  for (size_t i = 0; i < count && !reader.failed(); ++i) message.values.push_back(reader.Value());
  TARN_STATEMENT_ASSIGN(message.result_formats, ReadFormats(reader));
  TARN_STATEMENT_TRY(Finish(reader));
  return message;
}

StatementResult<NamedMessage> ReadNamed(std::string_view payload) {
  MessageReader reader(payload);
  const uint8_t kind = reader.Byte();
  NamedMessage message{.is_portal = kind == 'P', .name = reader.CString()};
  TARN_STATEMENT_TRY(Finish(reader));
  if (kind != 'P' && kind != 'S') {
    return FailState(sqlstate::kProtocolViolation, "invalid message subtype {}",
                     static_cast<int>(kind));
  }
  return message;
}

StatementResult<ExecuteMessage> ReadExecute(std::string_view payload) {
  MessageReader reader(payload);
  ExecuteMessage message;
  message.portal = reader.CString();
  message.limit = reader.Int32();
  TARN_STATEMENT_TRY(Finish(reader));
  return message;
}

}  // namespace tarn::server::postgres
