// SPDX-License-Identifier: Apache-2.0
// ALTER of every kind but for what changes columns and constraints (parse_alter_table.cc).
#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

StatementValue Grammar::ParseAlter() {
  Expect("ALTER");
  AlterObject alter;
  alter.kind = ParseObjectKind();
  alter.if_exists = AcceptAll({"IF", "EXISTS"});
  if (AtAlteredName(alter.kind)) {
    alter.name = ParseObjectName();
    if (At(TokenKind::kLeftParenthesis)) {
      alter.has_signature = true;
      alter.signature = ParseSignature();
    }
    while (Accept(TokenKind::kComma)) alter.more_names.push_back(ParseObjectName());
  }
  do {
    alter.actions.push_back(ParseAlterAction(alter.kind));
  } while (Accept(TokenKind::kComma));
  return alter;
}

/// Sessions and accounts have no name here; the current user and warehouse may be meant without
/// one.
bool Grammar::AtAlteredName(ObjectKind kind) const {
  if (kind == ObjectKind::kSession || !AtIdentifier()) return false;
  const bool verb = AtAny({"SUSPEND", "RESUME", "UNSET", "ABORT", "RENAME"});
  if (!verb) return true;
  if (kind == ObjectKind::kAccount) return false;
  return !(IsKind(1, TokenKind::kEnd) || IsKind(1, TokenKind::kSemicolon) || IsWord(1, "IF") ||
           IsWord(1, "ALL") || IsWord(1, "TO") ||
           (At("UNSET") && !IsWord(1, "UNSET") && !IsWord(1, "SET")));
}

AlterAction Grammar::ParseAlterAction(ObjectKind kind) {
  if (AtAny({"ADD", "DROP", "ALTER", "MODIFY", "RENAME", "REMOVE", "CLUSTER"})) {
    if (auto action = TryTableAction()) return *std::move(action);
  }
  if (AcceptAll({"RENAME", "TO"})) return RenameTo{ParseObjectName()};
  if (AcceptAll({"SWAP", "WITH"})) return SwapWith{ParseObjectName()};
  if (At("SET")) return ParseAlterSet(kind);
  if (At("UNSET")) return ParseAlterUnset();
  if (AcceptAll({"ADD", "AFTER"})) return ChangePredecessors{false, ParseTaskNames()};
  if (AcceptAll({"REMOVE", "AFTER"})) return ChangePredecessors{true, ParseTaskNames()};
  if (AcceptAll({"MODIFY", "AS"})) {
    const uint32_t begin = Begin();
    Box<Statement> body(ParseStatement());
    return ModifyBody{std::move(body), Since(begin)};
  }
  if (AcceptAll({"MODIFY", "WHEN"})) return ModifyCondition{ParseExpression()};
  if (kind == ObjectKind::kSequence && AtAny({"INCREMENT", "ORDER", "NOORDER"})) {
    SetOptions set;
    ParseSequenceClause(set.options);
    return set;
  }
  return ParsePerform();
}

std::vector<ObjectName> Grammar::ParseTaskNames() {
  std::vector<ObjectName> names;
  do {
    names.push_back(ParseTaskName());
  } while (Accept(TokenKind::kComma));
  return names;
}

AlterAction Grammar::ParseAlterSet(ObjectKind kind) {
  Expect("SET");
  if (AtPolicy()) {
    ChangePolicy change{"SET", ParsePolicy(), {}, false};
    change.force = Accept("FORCE");
    return change;
  }
  SetOptions set;
  while (ParseSetClause(kind, set.options)) {
    // Commas are free between options; a comma before anything else is the statement's.
    if (At(TokenKind::kComma) && !IsKind(2, TokenKind::kEqual) && !AtSetPhrase(1)) break;
    (void)Accept(TokenKind::kComma);
  }
  if (set.options.empty()) FailHere();
  if (Accept("APPLY")) {
    set.apply = At("ON") ? "ON" : "IMMEDIATELY";
    if (Accept("ON")) {
      set.apply_on = TakeString();
    } else {
      Expect("IMMEDIATELY");
    }
  }
  return set;
}

bool Grammar::AtSetPhrase(size_t ahead) const {
  return (IsWord(ahead, "FROZEN") && IsWord(ahead + 1, "WHERE")) ||
         (IsWord(ahead, "EXECUTE") && IsWord(ahead + 1, "AS"));
}

bool Grammar::ParseSetClause(ObjectKind kind, std::vector<Option>& options) {
  const uint32_t begin = Begin();
  if (At("TAG") && AtIdentifier(1)) {
    Take();
    OptionValue tags = MakeOptionValue(begin, OptionTags{ParseTagAssignments()});
    options.push_back(ValueOption(begin, "TAG", std::move(tags)));
  } else if (AcceptAll({"FROZEN", "WHERE"}) || AcceptAll({"IMMUTABLE", "WHERE"})) {
    Expect(TokenKind::kLeftParenthesis);
    OptionValue condition = MakeOptionValue(begin, ParseExpression());
    Expect(TokenKind::kRightParenthesis);
    options.push_back(ValueOption(begin, "FROZEN WHERE", std::move(condition)));
  } else if (AcceptAll({"EXECUTE", "AS", "USER"})) {
    OptionValue user = MakeOptionValue(begin, ParseObjectName());
    options.push_back(ValueOption(begin, "EXECUTE AS USER", std::move(user)));
  } else if (kind == ObjectKind::kSequence && AtAny({"INCREMENT", "ORDER", "NOORDER"})) {
    ParseSequenceClause(options);
  } else if (Accept("SECURE")) {
    options.push_back(FlagOption(begin, "SECURE"));
  } else if (AtOption()) {
    options.push_back(ParseOption());
  } else {
    return false;
  }
  return true;
}

AlterAction Grammar::ParseAlterUnset() {
  Expect("UNSET");
  if (const std::string_view kind = PolicyKindAt(0); !kind.empty()) {
    return ChangePolicy{"UNSET", {}, TakePolicyKind(), false};
  }
  UnsetOptions unset;
  if (At("TAG") && AtIdentifier(1)) {
    Take();
    unset.tags = ParseObjectNames();
    return unset;
  }
  static constexpr std::string_view kPhrases[] = {"FROZEN WHERE", "EXECUTE AS USER", "DCM PROJECT"};
  do {
    bool phrase_found = false;
    for (const std::string_view phrase : kPhrases) {
      if (phrase_found || !AcceptPhrase(phrase)) continue;
      unset.keys.emplace_back(phrase);
      phrase_found = true;
    }
    if (!phrase_found) unset.keys.push_back(TakeUpperWord());
    (void)Accept(TokenKind::kComma);
  } while (At(TokenKind::kWord));
  return unset;
}

/// Verbs with what may follow them.
AlterAction Grammar::ParsePerform() {
  static constexpr std::string_view kVerbs[] = {"SUSPEND RECLUSTER",
                                                "RESUME RECLUSTER",
                                                "RESUME IF SUSPENDED",
                                                "SUSPEND",
                                                "RESUME",
                                                "ABORT ALL QUERIES",
                                                "REFRESH COPY SESSION",
                                                "REFRESH",
                                                "REMOVE WHEN",
                                                "RESET ACCESS FOR",
                                                "RESET PASSWORD",
                                                "REMOVE STORAGE_LOCATION",
                                                "ADD STORAGE_LOCATION",
                                                "UPDATE",
                                                "ADD ALLOWED_VALUES",
                                                "DROP ALLOWED_VALUES",
                                                "DROP CLUSTERING KEY",
                                                "ENABLE MANAGED ACCESS",
                                                "DISABLE MANAGED ACCESS",
                                                "CONVERT TO MANAGED",
                                                "ENABLE",
                                                "DISABLE"};
  Perform perform;
  for (const std::string_view verb : kVerbs) {
    // `ADD STORAGE_LOCATION = …`: the last word is the key of an option.
    const bool option = verb == "ADD STORAGE_LOCATION";
    if (option ? AtPhrase(0, verb) : AcceptPhrase(verb)) {
      perform.verb = option ? "ADD" : std::string(verb);
      if (option) Take();
      break;
    }
  }
  if (perform.verb.empty()) FailHere();
  perform.options = ParseOptions();
  while (AtString() || At(TokenKind::kSessionVariable)) {
    perform.arguments.push_back(ParsePrimary());
    if (!(At(TokenKind::kComma) && IsKind(1, TokenKind::kString))) break;
    Take();
  }
  // REFRESH 'path' FORCE = TRUE: printed in front, meant the same.
  for (Option& option : ParseOptions()) perform.options.push_back(std::move(option));
  return perform;
}

}  // namespace tarn::sql::syntax
