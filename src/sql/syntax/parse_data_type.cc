// SPDX-License-Identifier: Apache-2.0
// Data types.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

DataType Grammar::ParseDataType() {
  const Level level(*this);
  const uint32_t begin = Begin();
  DataType type;
  type.name = ParseObjectName();
  if (type.name.parts.size() == 1 && !type.name.parts[0].quoted) {
    ParseTypeNameTail(type.name.parts[0]);
    type.suffix = type.name.parts[0].Is("INTERVAL") ? ParseIntervalQualifier() : std::string();
  }
  if (At(TokenKind::kLeftParenthesis)) ParseTypeArguments(type);
  if (At("WITH") && (IsWord(1, "TIME") || IsWord(1, "LOCAL"))) {
    type.suffix = "WITH";
    Take();
    if (Accept("LOCAL")) type.suffix += " LOCAL";
    ExpectAll({"TIME", "ZONE"});
    type.suffix += " TIME ZONE";
  } else if (AcceptAll({"WITHOUT", "TIME", "ZONE"})) {
    type.suffix = "WITHOUT TIME ZONE";
  }
  type.span = Since(begin);
  return type;
}

/// Built-in names of two words become one part with a blank.
void Grammar::ParseTypeNameTail(Identifier& name) {
  const bool precision = name.Is("DOUBLE") && At("PRECISION");
  const bool varying =
      (name.Is("CHAR") || name.Is("NCHAR") || name.Is("CHARACTER") || name.Is("BINARY")) &&
      At("VARYING");
  if (precision || varying) {
    name.text += " " + std::string(Text(Take()));
    name.span = Since(name.span.begin);
  }
}

void Grammar::ParseTypeArguments(DataType& type) {
  const Identifier& name = type.name.parts.empty() ? Identifier{} : type.name.parts.back();
  const bool is_object = name.Is("OBJECT");
  const bool is_vector = name.Is("VECTOR");
  type.structured = is_object || is_vector || name.Is("ARRAY") || name.Is("MAP");
  Expect(TokenKind::kLeftParenthesis);
  while (!At(TokenKind::kRightParenthesis)) {
    if (!type.structured || (is_vector && At(TokenKind::kNumber))) {
      if (!At(TokenKind::kNumber) && !At(TokenKind::kWord)) FailHere();
      type.arguments.push_back(UpperCase(Text(Take())));
    } else {
      TypeField field;
      if (is_object) field.name = TakeIdentifier();
      field.type = ParseDataType();
      field.type.not_null = AcceptAll({"NOT", "NULL"});
      type.fields.push_back(std::move(field));
    }
    if (!Accept(TokenKind::kComma)) break;
  }
  Expect(TokenKind::kRightParenthesis);
}

std::vector<DataType> Grammar::ParseSignature() {
  std::vector<DataType> types;
  Expect(TokenKind::kLeftParenthesis);
  while (!At(TokenKind::kRightParenthesis)) {
    if (AtIdentifier() && IsKind(1, TokenKind::kWord) && !IsWord(1, "PRECISION") &&
        !IsWord(1, "VARYING") && !IsWord(1, "WITH") && !IsWord(1, "WITHOUT")) {
      Take();  // the argument's name, which DESCRIBE prints and DROP ignores
    }
    types.push_back(ParseDataType());
    if (!Accept(TokenKind::kComma)) break;
  }
  Expect(TokenKind::kRightParenthesis);
  return types;
}

}  // namespace tarn::sql::syntax
