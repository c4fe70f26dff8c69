// SPDX-License-Identifier: Apache-2.0
// Definitions of columns and constraints.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

bool Grammar::AtConstraint() const {
  if (AtAny({"CONSTRAINT", "UNIQUE", "REFERENCES"})) return true;
  if (At("PRIMARY") || At("FOREIGN")) return IsWord(1, "KEY");
  return At("CHECK") && IsKind(1, TokenKind::kLeftParenthesis);
}

Constraint Grammar::ParseConstraint(bool with_columns) {
  const uint32_t begin = Begin();
  Constraint constraint;
  if (Accept("CONSTRAINT")) constraint.name = TakeIdentifier();
  if (AcceptAll({"PRIMARY", "KEY"})) {
    constraint.kind = ConstraintKind::kPrimaryKey;
  } else if (Accept("UNIQUE")) {
    constraint.kind = ConstraintKind::kUnique;
  } else if (Accept("CHECK")) {
    constraint.kind = ConstraintKind::kCheck;
    Expect(TokenKind::kLeftParenthesis);
    constraint.check = ParseExpression();
    Expect(TokenKind::kRightParenthesis);
  } else {
    constraint.kind = ConstraintKind::kForeignKey;
    const bool words = AcceptAll({"FOREIGN", "KEY"});
    if (!words && !At("REFERENCES")) FailHere();
  }
  if (with_columns && constraint.kind != ConstraintKind::kCheck &&
      At(TokenKind::kLeftParenthesis)) {
    constraint.columns = ParseColumnNames();
  }
  if (constraint.kind == ConstraintKind::kForeignKey) {
    Expect("REFERENCES");
    constraint.referenced_table = ParseObjectName();
    if (At(TokenKind::kLeftParenthesis)) constraint.referenced_columns = ParseColumnNames();
  }
  constraint.properties = ParseConstraintProperties();
  if (with_columns && Accept("COMMENT")) constraint.comment = TakeString();
  constraint.span = Since(begin);
  return constraint;
}

std::vector<std::string> Grammar::ParseConstraintProperties() {
  static constexpr std::string_view kProperties[] = {"NOT ENFORCED",
                                                     "ENFORCED",
                                                     "NOT DEFERRABLE",
                                                     "DEFERRABLE",
                                                     "INITIALLY DEFERRED",
                                                     "INITIALLY IMMEDIATE",
                                                     "ENABLE",
                                                     "DISABLE",
                                                     "VALIDATE",
                                                     "NOVALIDATE",
                                                     "RELY",
                                                     "NORELY",
                                                     "MATCH FULL",
                                                     "MATCH SIMPLE",
                                                     "MATCH PARTIAL",
                                                     "ON UPDATE CASCADE",
                                                     "ON UPDATE SET NULL",
                                                     "ON UPDATE SET DEFAULT",
                                                     "ON UPDATE RESTRICT",
                                                     "ON UPDATE NO ACTION",
                                                     "ON DELETE CASCADE",
                                                     "ON DELETE SET NULL",
                                                     "ON DELETE SET DEFAULT",
                                                     "ON DELETE RESTRICT",
                                                     "ON DELETE NO ACTION",
                                                     "CASCADE",
                                                     "RESTRICT"};
  std::vector<std::string> properties;
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view property : kProperties) {
      if (AcceptPhrase(property)) {
        properties.emplace_back(property);
        found = true;
        break;
      }
    }
  }
  return properties;
}

AutoIncrement Grammar::ParseAutoIncrement() {
  AutoIncrement increment;
  if (At(TokenKind::kLeftParenthesis)) {
    Take();
    increment.start = ParseExpression();
    if (Accept(TokenKind::kComma)) increment.step = ParseExpression();
    Expect(TokenKind::kRightParenthesis);
  } else {
    const auto number = [this] {
      (void)Accept(TokenKind::kEqual);
      return ParsePrefix(kUnaryLevel);
    };
    if (Accept("START")) {
      (void)Accept("WITH");
      increment.start = number();
    }
    if (Accept("INCREMENT")) {
      (void)Accept("BY");
      increment.step = number();
    }
  }
  if (AtAny({"ORDER", "NOORDER"})) increment.order = TakeUpperWord();
  return increment;
}

/// The name, a type unless the next word begins a clause, and clauses in any order.
ColumnDefinition Grammar::ParseColumnDefinition() {
  const uint32_t begin = Begin();
  ColumnDefinition column;
  column.name = TakeIdentifier();
  const bool typed = AtIdentifier() && !AtColumnClause();
  if (typed) column.type = ParseDataType();
  while (ParseColumnClause(column)) {
  }
  column.span = Since(begin);
  return column;
}

bool Grammar::AtColumnClause() const {
  return AtAny({"COMMENT", "COLLATE", "DEFAULT", "AUTOINCREMENT", "IDENTITY", "GENERATED"}) ||
         AtConstraint() || AtPolicy() || (At("TAG") && IsKind(1, TokenKind::kLeftParenthesis));
}

bool Grammar::ParseColumnClause(ColumnDefinition& column) {
  if (AcceptAll({"NOT", "NULL"})) {
    column.nullability = Nullability::kNotNull;
  } else if (Accept("NULL")) {
    column.nullability = Nullability::kNull;
  } else if (Accept("COLLATE")) {
    column.collation = TakeString();
  } else if (Accept("DEFAULT")) {
    // NOT NULL may follow: no NOT is part of a constant, a call or a sum.
    const Level level(*this);
    column.default_value = ParseBinary(kOperandLevel);
  } else if (Accept("AUTOINCREMENT") || Accept("IDENTITY")) {
    column.auto_increment = ParseAutoIncrement();
  } else if (AcceptAll({"GENERATED", "ALWAYS", "AS"}) ||
             (At("AS") && IsKind(1, TokenKind::kLeftParenthesis) && Accept("AS"))) {
    Expect(TokenKind::kLeftParenthesis);
    column.computed = ParseExpression();
    Expect(TokenKind::kRightParenthesis);
    if (!Accept("VIRTUAL")) (void)Accept("STORED");
  } else if (AtConstraint()) {
    column.constraints.push_back(ParseConstraint(false));
  } else if (AtPolicy()) {
    column.policies.push_back(ParsePolicy());
  } else if (At("COMMENT")) {
    Take();
    (void)Accept(TokenKind::kEqual);
    column.comment = TakeString();
  } else if (auto tags = TryTagOption()) {
    if (tags->key == "TAG")
      column.tags = std::move(std::get<OptionTags>((*tags->value)->value).tags);
  } else {
    return false;
  }
  return true;
}

/// `(columns and constraints)`.
void Grammar::ParseTableElements(CreateTable& table) {
  Expect(TokenKind::kLeftParenthesis);
  do {
    if (At(TokenKind::kRightParenthesis) && !table.columns.empty())
      break;  // a comma may stand behind the last one
    if (AtConstraint()) {
      table.constraints.push_back(ParseConstraint(true));
    } else {
      table.columns.push_back(ParseColumnDefinition());
    }
  } while (Accept(TokenKind::kComma));
  Expect(TokenKind::kRightParenthesis);
}

}  // namespace tarn::sql::syntax
