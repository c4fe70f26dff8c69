// SPDX-License-Identifier: Apache-2.0
#include "server/testing/scripted_statement.h"

#include <charconv>

#include "server/postgres/parameter_reader.h"
#include "server/postgres/sqlstate.h"
#include "server/postgres/tokens.h"
#include "server/postgres/type_map.h"

namespace tarn::server {
namespace {

using postgres::Token;
using postgres::TokenCursor;
using sql::DataType;
using sql::DataTypeKind;
using warehouse::ResultColumn;
using warehouse::StatementResult;
using Action = ScriptedStatement::Action;
namespace oid = postgres::oid;

std::unexpected<warehouse::StatementError> SyntaxError(const TokenCursor& cursor) {
  const Token* const token = cursor.peek();
  auto failed = postgres::FailState("42601", "syntax error at or near \"{}\"",
                                    token == nullptr ? "" : token->text);
  failed.error().position = static_cast<int64_t>(cursor.position());
  return failed;
}

Type CarrierOf(const DataType& type) {
  switch (type.kind) {
    case DataTypeKind::kNumber:
      if (type.scale == 0 && type.precision <= 18) return Type::Primitive(TypeKind::kLong);
      return Type::Decimal(38, type.scale);
    case DataTypeKind::kFloat:
      return Type::Primitive(TypeKind::kDouble);
    case DataTypeKind::kBinary:
      return Type::Primitive(TypeKind::kBinary);
    case DataTypeKind::kBoolean:
      return Type::Primitive(TypeKind::kBoolean);
    case DataTypeKind::kDate:
      return Type::Primitive(TypeKind::kDate);
    case DataTypeKind::kTime:
      return Type::Primitive(TypeKind::kTime);
    case DataTypeKind::kTimestampNtz:
      return Type::Primitive(TypeKind::kTimestamp);
    case DataTypeKind::kTimestampLtz:
      return Type::Primitive(TypeKind::kTimestampTz);
    case DataTypeKind::kUuid:
      return Type::Primitive(TypeKind::kUuid);
    case DataTypeKind::kNull:
      return Type::Primitive(TypeKind::kUnknown);
    default:
      return Type::Primitive(TypeKind::kString);
  }
}

ResultColumn ColumnOf(std::string name, DataType type) {
  ResultColumn column{.name = std::move(name), .type = std::move(type)};
  column.carrier = CarrierOf(column.type);
  return column;
}

DataType Text() { return {.kind = DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault}; }

uint32_t OidOf(const DataType& type) { return postgres::WireTypeOf(type, {}).oid; }

int64_t TakeInteger(TokenCursor& cursor, int64_t fallback) {
  const Token* const token = cursor.peek();
  int64_t value = fallback;
  if (token == nullptr || token->kind != Token::Kind::kNumber) return value;
  std::from_chars(token->text.data(), token->text.data() + token->text.size(), value);
  cursor.Take();
  return value;
}

/// "::numeric(12,2)" and the like, behind the colons.
StatementResult<DataType> TakeType(TokenCursor& cursor) {
  const Token* const name = cursor.TakeName();
  if (name == nullptr) return SyntaxError(cursor);
  const std::string word = name->text;
  int64_t first = -1, second = 0;
  if (cursor.TakeSymbol("(")) {
    first = TakeInteger(cursor, -1);
    if (cursor.TakeSymbol(",")) second = TakeInteger(cursor, 0);
    if (!cursor.TakeSymbol(")")) return SyntaxError(cursor);
  }
  if (word == "int8" || word == "bigint") return DataType{DataTypeKind::kNumber, 18};
  if (word == "numeric") {
    return DataType{DataTypeKind::kNumber, static_cast<int32_t>(first < 0 ? 38 : first),
                    static_cast<int32_t>(second)};
  }
  if (word == "int4" || word == "int" || word == "integer") {
    return DataType{DataTypeKind::kNumber, 10};
  }
  if (word == "text") return Text();
  if (word == "varchar") return DataType{.kind = DataTypeKind::kVarchar, .length = first};
  if (word == "bool" || word == "boolean") return DataType{.kind = DataTypeKind::kBoolean};
  if (word == "float8" || (word == "double" && cursor.TakeWord("precision")))
    return DataType{.kind = DataTypeKind::kFloat};
  if (word == "bytea") return postgres::DataTypeOf(oid::kBytea);
  if (word == "date") return DataType{.kind = DataTypeKind::kDate};
  const auto digits = static_cast<int32_t>(first < 0 ? 6 : first);
  if (word == "time") return DataType{DataTypeKind::kTime, digits};
  if (word == "timestamp") return DataType{DataTypeKind::kTimestampNtz, digits};
  if (word == "timestamptz") return DataType{DataTypeKind::kTimestampLtz, digits};
  if (word == "json") return DataType{.kind = DataTypeKind::kVariant};
  if (word == "uuid") return DataType{.kind = DataTypeKind::kUuid};
  return postgres::FailState("42704", "type \"{}\" does not exist", word);
}

class SelectParser {
 public:
  SelectParser(TokenCursor& cursor, std::span<const DataType> declared, ScriptedStatement& into)
      : cursor_(cursor), declared_(declared), into_(into) {}

  StatementResult<> Parse() {
    do {
      ScriptedItem item;
      TARN_STATEMENT_TRY(ParseItem(item));
      into_.result_columns.push_back(item.column);
      into_.items.push_back(std::move(item));
    } while (cursor_.TakeSymbol(","));
    if (cursor_.TakeWord("from")) TARN_STATEMENT_TRY(ParseFrom());
    if (cursor_.TakeWord("limit")) into_.rows = std::min(into_.rows, TakeInteger(cursor_, 0));
    cursor_.TakeSymbol(";");
    if (!cursor_.at_end()) return SyntaxError(cursor_);
    return {};
  }

 private:
  /// generate_series(1, N) [AS] g, or the table t.
  StatementResult<> ParseFrom() {
    const Token* const name = cursor_.TakeName();
    if (name != nullptr && name->text == "t") return {};
    if (name == nullptr || name->text != "generate_series" || !cursor_.TakeSymbol("(")) {
      auto failed = postgres::FailState("42P01", "relation \"{}\" does not exist",
                                        name == nullptr ? "" : name->text);
      failed.error().position = name == nullptr ? 0 : static_cast<int64_t>(name->begin);
      return failed;
    }
    const int64_t from = TakeInteger(cursor_, 1);
    if (!cursor_.TakeSymbol(",")) return SyntaxError(cursor_);
    into_.rows = TakeInteger(cursor_, 0) - from + 1;
    if (!cursor_.TakeSymbol(")")) return SyntaxError(cursor_);
    cursor_.TakeWord("as");
    cursor_.TakeName();
    return {};
  }

  StatementResult<> ParseItem(ScriptedItem& item) {
    // pgjdbc writes its values in parentheses where it inlines them.
    size_t parentheses = 0;
    while (cursor_.TakeSymbol("(")) ++parentheses;
    const bool negative = cursor_.TakeSymbol("-");
    const Token* const token = cursor_.Take();
    if (token == nullptr) return SyntaxError(cursor_);
    std::string name = "?column?", source = (negative ? "-" : "") + token->text;
    DataType type = Text();
    bool null = false;
    switch (token->kind) {
      case Token::Kind::kParameter: {
        item.kind = ScriptedItem::Kind::kParameter;
        std::from_chars(token->text.data(), token->text.data() + token->text.size(),
                        item.parameter);
        if (item.parameter-- == 0) return postgres::FailState("42P02", "there is no parameter $0");
        if (item.parameter < declared_.size() &&
            declared_[item.parameter].kind != DataTypeKind::kNull) {
          type = declared_[item.parameter];
        }
        break;
      }
      case Token::Kind::kNumber: {
        type = {DataTypeKind::kNumber, 10};
        if (cursor_.TakeSymbol("/")) {
          // 1/0, or 1/(g-g), which PostgreSQL does not see before it runs.
          if (cursor_.IsSymbol("(")) {
            while (!cursor_.IsSymbol(")") && cursor_.Take() != nullptr) {
            }
          }
          cursor_.Take();
          item.kind = ScriptedItem::Kind::kZeroDivision;
        } else if (const size_t point = token->text.find('.'); point != std::string::npos) {
          type = {DataTypeKind::kNumber, 38, static_cast<int32_t>(token->text.size() - point - 1)};
        }
        break;
      }
      case Token::Kind::kString:
        break;
      default:
        TARN_STATEMENT_TRY(ParseWord(*token, item, type, name, null));
    }
    bool cast = false;
    while (true) {
      if (parentheses > 0 && cursor_.TakeSymbol(")")) {
        --parentheses;
        continue;
      }
      if (!cursor_.IsSymbol(":") || !cursor_.IsSymbol(":", 1)) break;
      cursor_.Take();
      cursor_.Take();
      name = cursor_.peek() == nullptr ? name : cursor_.peek()->text;
      TARN_STATEMENT_ASSIGN(type, TakeType(cursor_));
      cast = true;
    }
    if (cursor_.TakeWord("as") ||
        (cursor_.peek() != nullptr && cursor_.peek()->kind == Token::Kind::kQuotedName)) {
      const Token* const label = cursor_.TakeName();
      if (label == nullptr) return SyntaxError(cursor_);
      name = label->text;
    }
    item.column = ColumnOf(name, type);
    if (item.kind == ScriptedItem::Kind::kParameter) NoteParameter(item, type, cast);
    if (item.kind == ScriptedItem::Kind::kLiteral && !null) {
      TARN_STATEMENT_ASSIGN(
          const auto read,
          postgres::ReadParameter(OidOf(type), type, postgres::Format::kText, source));
      TARN_STATEMENT_ASSIGN(item.literal, CellOf(read, item.column));
    }
    return {};
  }

  StatementResult<> ParseWord(const Token& token, ScriptedItem& item, DataType& type,
                              std::string& name, bool& null) {
    if (token.text == "null") {
      null = true;
    } else if (token.text == "true" || token.text == "false") {
      type = {.kind = DataTypeKind::kBoolean};
      name = "bool";
    } else if (token.text == "g") {
      item.kind = ScriptedItem::Kind::kRowNumber;
      type = {DataTypeKind::kNumber, 18};
      name = "g";
    } else if (token.text == "count") {
      while (!cursor_.TakeSymbol(")")) {
        if (cursor_.Take() == nullptr) return SyntaxError(cursor_);
      }
      item.kind = ScriptedItem::Kind::kCounter;
      type = {DataTypeKind::kNumber, 18};
      name = "count";
    } else if (token.text == "pg_sleep") {
      cursor_.TakeSymbol("(");
      double seconds = 0;
      if (const Token* const number = cursor_.Take()) seconds = std::atof(number->text.c_str());
      cursor_.TakeSymbol(")");
      into_.action = Action::kSleep;
      into_.text = std::to_string(static_cast<int64_t>(seconds * 1000));
      name = "pg_sleep";
    } else if (token.text.starts_with("pg_") && cursor_.TakeSymbol("(")) {
      if (!cursor_.TakeSymbol(")")) return SyntaxError(cursor_);
      null = true;
      name = token.text;
    } else {
      auto failed = postgres::FailState("42703", "column \"{}\" does not exist", token.text);
      failed.error().position = static_cast<int64_t>(token.begin);
      return failed;
    }
    return {};
  }

  /// The first use of a parameter gives its type, unless the client has declared one.
  void NoteParameter(const ScriptedItem& item, const DataType& type, bool cast) {
    auto& types = into_.parameter_types;
    if (types.size() <= item.parameter) types.resize(item.parameter + 1);
    const bool is_declared =
        item.parameter < declared_.size() && declared_[item.parameter].kind != DataTypeKind::kNull;
    DataType& known = types[item.parameter];
    if (known.kind != DataTypeKind::kNull) return;
    known = is_declared ? declared_[item.parameter] : cast ? type : Text();
  }

  TokenCursor& cursor_;
  std::span<const DataType> declared_;
  ScriptedStatement& into_;
};

StatementResult<> ParseRows(TokenCursor& cursor, ScriptedStatement& into) {
  into.rows = TakeInteger(cursor, 1);
  const auto add = [&into](ScriptedItem::Kind kind, ResultColumn column, Cell cell) {
    into.result_columns.push_back(column);
    into.items.push_back({.kind = kind, .literal = std::move(cell), .column = std::move(column)});
  };
  add(ScriptedItem::Kind::kRowNumber, ColumnOf("id", {DataTypeKind::kNumber, 18}), {});
  add(ScriptedItem::Kind::kLiteral, ColumnOf("name", Text()),
      {false, std::string("a name of some letters"), {}});
  add(ScriptedItem::Kind::kLiteral, ColumnOf("amount", {DataTypeKind::kNumber, 12, 2}),
      {false, Int128{123456}, {}});
  add(ScriptedItem::Kind::kLiteral, ColumnOf("at", {DataTypeKind::kTimestampNtz, 6}),
      {false, int64_t{1'700'000'000'123'456}, {}});
  return {};
}

bool ParseChange(const std::string& verb, TokenCursor& cursor, ScriptedStatement& into) {
  if (verb != "insert" && verb != "update" && verb != "delete" && verb != "merge") return false;
  into.action = Action::kChange;
  into.verb = verb;
  for (char& c : into.verb) c = static_cast<char>(c - 'a' + 'A');
  into.rows = 1;
  for (const Token* token = cursor.Take(); token != nullptr; token = cursor.Take()) {
    if (token->kind == Token::Kind::kNumber && verb != "insert")
      into.rows = std::stoll(token->text);
  }
  return true;
}

}  // namespace

StatementResult<Cell> CellOf(const warehouse::BoundValue& value, const ResultColumn& column) {
  warehouse::BoundValue read = value;
  const bool wants_text = column.carrier.kind == TypeKind::kString;
  if (read.text && !wants_text) {
    TARN_STATEMENT_ASSIGN(read, postgres::ReadParameter(OidOf(column.type), column.type,
                                                        postgres::Format::kText, *value.text));
  }
  if (column.carrier.kind == TypeKind::kDecimal) {
    std::string digits = read.text ? *read.text : "";
    if (const auto* const whole = std::get_if<int64_t>(&read.value))
      digits = std::to_string(*whole);
    if (digits.empty()) return Cell{};
    size_t point = digits.find('.');
    if (point == std::string::npos) point = digits.size();
    std::string unscaled = digits.substr(0, point);
    std::string decimals = point < digits.size() ? digits.substr(point + 1) : "";
    decimals.resize(static_cast<size_t>(column.type.scale), '0');
    unscaled += decimals;
    const bool negative = unscaled.starts_with('-');
    Int128 number = 0;
    for (const char c : unscaled) {
      if (c >= '0' && c <= '9') number = number * 10 + (c - '0');
    }
    return Cell{false, negative ? -number : number, {}};
  }
  if (read.text && column.carrier.kind == TypeKind::kUuid) {
    const auto uuid = Uuid::Parse(*read.text);
    if (!uuid) return postgres::FailState("22P02", "invalid input syntax for type uuid");
    return Cell{false, std::string(uuid->bytes.begin(), uuid->bytes.end()), {}};
  }
  if (read.text) return Cell{false, *read.text, {}};
  if (std::holds_alternative<std::monostate>(read.value)) return Cell{};
  if (wants_text) {
    // A value that came in binary is shown as text where a text is wanted.
    if (const auto* const whole = std::get_if<int64_t>(&read.value)) {
      return Cell{false, std::to_string(*whole), {}};
    }
  }
  return Cell{false, read.value, {}};
}

StatementResult<std::unique_ptr<ScriptedStatement>> ParseScripted(
    const std::string& text, std::span<const DataType> declared) {
  auto statement = std::make_unique<ScriptedStatement>();
  const std::vector<Token> tokens = postgres::Tokenize(text, 100'000);
  TokenCursor cursor(tokens, text);
  const Token* const first = cursor.Take();
  const std::string verb = first == nullptr ? "" : first->text;
  if (verb == "select" && text.find("pg_type") != std::string::npos) {
    // psqlODBC looks for a type of its own when it connects.
    statement->rows = 0;
    for (const char* const name : {"oid", "typbasetype"}) {
      statement->result_columns.push_back(ColumnOf(name, {DataTypeKind::kNumber, 10}));
      statement->items.push_back({.column = statement->result_columns.back()});
    }
  } else if (verb == "select") {
    TARN_STATEMENT_TRY(SelectParser(cursor, declared, *statement).Parse());
  } else if (verb == "rows") {
    TARN_STATEMENT_TRY(ParseRows(cursor, *statement));
  } else if (verb == "types") {
    statement->action = Action::kTypes;
    statement->result_columns = EveryType();
  } else if (verb == "error") {
    statement->action = Action::kError;
    statement->rows = 0;
    statement->text = cursor.Rest();
  } else if (verb == "errorafter") {
    TARN_STATEMENT_TRY(ParseRows(cursor, *statement));
    statement->action = Action::kError;
    statement->text = "22012 division by zero";
  } else if (verb == "sleep") {
    statement->action = Action::kSleep;
    statement->text = std::to_string(TakeInteger(cursor, 0));
  } else if (verb == "stall") {
    statement->action = Action::kStall;
    statement->rows = TakeInteger(cursor, 1);
    statement->result_columns = {ColumnOf("id", {DataTypeKind::kNumber, 18})};
  } else if (verb == "notice") {
    statement->action = Action::kNotice;
    statement->verb = "NOTICE";
    statement->text = cursor.Rest();
  } else if (verb == "begin" || verb == "commit" || verb == "rollback") {
    statement->action = verb == "begin"    ? Action::kBegin
                        : verb == "commit" ? Action::kCommit
                                           : Action::kRollback;
    statement->verb = verb == "begin" ? "BEGIN" : verb == "commit" ? "COMMIT" : "ROLLBACK";
  } else if (verb == "alter") {
    statement->action = Action::kSetTimeZone;
    statement->verb = "ALTER SESSION";
    for (const Token* token = cursor.Take(); token != nullptr; token = cursor.Take()) {
      if (token->kind == Token::Kind::kString) statement->text = token->text;
    }
  } else if (verb == "create" || verb == "drop") {
    statement->action = Action::kCommand;
    statement->verb = verb == "create" ? "CREATE TABLE" : "DROP TABLE";
  } else if (!ParseChange(verb, cursor, *statement)) {
    auto failed = postgres::FailState("42601", "syntax error at or near \"{}\"", verb);
    failed.error().position = static_cast<int64_t>(first == nullptr ? 0 : first->begin);
    return failed;
  }
  return statement;
}

}  // namespace tarn::server
