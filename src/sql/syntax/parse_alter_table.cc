// SPDX-License-Identifier: Apache-2.0
// What ALTER does to columns, constraints, clustering and policies.
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

/// The action, if it is one of these: the verb alone does not tell.
std::optional<AlterAction> Grammar::TryTableAction() {
  if (AcceptAll({"CLUSTER", "BY"})) return ClusterBy{ParseClusterKeys()};
  if (AtAny({"ADD", "DROP"})) {
    if (IsWord(1, "SEARCH")) Refuse("SEARCH OPTIMIZATION");
    if (IsWord(1, "DATA")) Refuse("DATA METRIC FUNCTION");
    if (!PolicyKindAt(1).empty() || (IsWord(1, "ALL") && IsWord(2, "ROW")))
      return ParsePolicyChange();
  }
  if (At("ADD")) return TryAddAction();
  if (At("DROP")) return TryDropAction();
  if (At("RENAME")) return TryRenameAction();
  if (AtAny({"ALTER", "MODIFY"})) return TryModifyAction();
  return std::nullopt;
}

AlterAction Grammar::ParsePolicyChange() {
  ChangePolicy change{TakeUpperWord(), {}, {}, false};
  if (Accept("ALL")) {
    change.verb += " ALL";
    change.kind = TakePolicyKind();
  } else if (change.verb == "DROP" && IsWord(0, "STORAGE")) {
    change.kind = TakePolicyKind();
  } else {
    change.policy = ParsePolicy();
  }
  return change;
}

std::optional<AlterAction> Grammar::TryAddAction() {
  if (IsWord(1, "AFTER") || IsWord(1, "ALLOWED_VALUES") || IsWord(1, "STORAGE_LOCATION"))
    return std::nullopt;
  Take();
  if (AtConstraint()) return AddConstraint{ParseConstraint(true)};
  AddColumns add;
  do {
    (void)Accept("COLUMN");
    add.if_not_exists = AcceptAll({"IF", "NOT", "EXISTS"}) || add.if_not_exists;
    const bool list = Accept(TokenKind::kLeftParenthesis);
    do {
      add.columns.push_back(ParseColumnDefinition());
    } while (list && Accept(TokenKind::kComma));
    if (list) Expect(TokenKind::kRightParenthesis);
  } while (Accept(TokenKind::kComma));
  return add;
}

std::optional<AlterAction> Grammar::TryDropAction() {
  if (IsWord(1, "ALLOWED_VALUES") || IsWord(1, "CLUSTERING")) return std::nullopt;
  Take();
  if (AtAny({"CONSTRAINT", "UNIQUE"}) || (AtAny({"PRIMARY", "FOREIGN"}) && IsWord(1, "KEY"))) {
    return ParseConstraintChange(true);
  }
  DropColumns drop;
  (void)Accept("COLUMN");
  drop.if_exists = AcceptAll({"IF", "EXISTS"});
  do {
    drop.columns.push_back(TakeIdentifier());
  } while (Accept(TokenKind::kComma));
  return drop;
}

std::optional<AlterAction> Grammar::TryRenameAction() {
  const bool column = IsWord(1, "COLUMN");
  if (!column && !IsWord(1, "CONSTRAINT")) return std::nullopt;
  Take();
  Take();
  Identifier from = TakeIdentifier();
  Expect("TO");
  if (column) return RenameColumn{std::move(from), TakeIdentifier()};
  return RenameConstraint{std::move(from), TakeIdentifier()};
}

AlterAction Grammar::ParseConstraintChange(bool drop) {
  ChangeConstraint change{.drop = drop};
  if (Accept("CONSTRAINT")) {
    change.name = TakeIdentifier();
  } else if (AcceptAll({"PRIMARY", "KEY"})) {
    change.kind = ConstraintKind::kPrimaryKey;
  } else if (Accept("UNIQUE")) {
    change.kind = ConstraintKind::kUnique;
  } else {
    ExpectAll({"FOREIGN", "KEY"});
    change.kind = ConstraintKind::kForeignKey;
  }
  if (!change.name && At(TokenKind::kLeftParenthesis)) change.columns = ParseColumnNames();
  change.properties = ParseConstraintProperties();
  return change;
}

/// ALTER|MODIFY [(] [COLUMN] c … [, [COLUMN] c …] [)].
std::optional<AlterAction> Grammar::TryModifyAction() {
  if (IsWord(1, "AS") || IsWord(1, "WHEN")) return std::nullopt;
  Take();
  if (AtAny({"CONSTRAINT", "UNIQUE"}) || (AtAny({"PRIMARY", "FOREIGN"}) && IsWord(1, "KEY"))) {
    return ParseConstraintChange(false);
  }
  AlterColumns alter;
  const bool list = Accept(TokenKind::kLeftParenthesis);
  do {
    alter.changes.push_back(ParseColumnChange());
  } while (Accept(TokenKind::kComma));
  if (list) Expect(TokenKind::kRightParenthesis);
  return alter;
}

ColumnChange Grammar::ParseColumnChange() {
  ColumnChange change;
  (void)Accept("COLUMN");
  change.column = TakeIdentifier();
  if (AcceptAll({"DROP", "DEFAULT"})) {
    change.kind = ColumnChangeKind::kDropDefault;
  } else if (AcceptAll({"SET", "DEFAULT"})) {
    change.kind = ColumnChangeKind::kSetDefault;
    change.value = ParseExpression();
  } else if (AcceptAll({"SET", "NOT", "NULL"}) || AcceptAll({"NOT", "NULL"})) {
    change.kind = ColumnChangeKind::kSetNotNull;
  } else if (AcceptAll({"DROP", "NOT", "NULL"})) {
    change.kind = ColumnChangeKind::kDropNotNull;
  } else if (Accept("COMMENT")) {
    change.kind = ColumnChangeKind::kSetComment;
    change.comment = TakeString();
  } else if (AcceptAll({"UNSET", "COMMENT"})) {
    change.kind = ColumnChangeKind::kUnsetComment;
  } else if (At("SET") && !PolicyKindAt(1).empty()) {
    Take();
    change.kind = ColumnChangeKind::kSetPolicy;
    change.policy = ParsePolicy();
    change.force = Accept("FORCE");
  } else if (At("UNSET") && !PolicyKindAt(1).empty()) {
    Take();
    change.kind = ColumnChangeKind::kUnsetPolicy;
    change.policy = PolicyUse{TakePolicyKind(), {}, {}};
  } else if (AcceptAll({"SET", "TAG"})) {
    change.kind = ColumnChangeKind::kSetTags;
    change.tags = ParseColumnTags();
  } else if (AcceptAll({"UNSET", "TAG"})) {
    change.kind = ColumnChangeKind::kUnsetTags;
    change.tag_names.push_back(ParseObjectName());
    while (At(TokenKind::kComma) && !IsWord(1, "COLUMN")) {
      Take();
      change.tag_names.push_back(ParseObjectName());
    }
  } else {
    if (!AcceptAll({"SET", "DATA", "TYPE"})) (void)Accept("TYPE");
    change.kind = ColumnChangeKind::kSetType;
    change.type = ParseDataType();
  }
  return change;
}

/// Tags up to the next column: its word COLUMN cannot be left out here.
std::vector<TagAssignment> Grammar::ParseColumnTags() {
  std::vector<TagAssignment> tags;
  while (true) {
    ObjectName name = ParseObjectName();
    Expect(TokenKind::kEqual);
    tags.push_back({std::move(name), ParsePrimary()});
    if (!At(TokenKind::kComma) || IsWord(1, "COLUMN")) return tags;
    Take();
  }
}

}  // namespace tarn::sql::syntax
