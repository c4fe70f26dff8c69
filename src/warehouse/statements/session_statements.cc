// SPDX-License-Identifier: Apache-2.0
// USE, SET, UNSET, ALTER SESSION and ALTER ACCOUNT.
#include <algorithm>

#include "warehouse/catalogue/names.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/scripting/evaluation.h"
#include "warehouse/session/session_parameters.h"
#include "warehouse/session/session_state.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

StatementResult<> SetOne(const StatementContext& context, const syntax::Option& option) {
  const ParameterFacts* const facts = FindSessionParameter(option.key);
  if (facts == nullptr) return InvalidParameterName(option.key);
  const std::vector<syntax::Option> one = {option};
  OptionReader reader(context, "SESSION", one);
  const auto text = reader.Text(option.key);
  STATEMENT_TRY(reader.Finish());
  STATEMENT_ASSIGN(std::string checked, CheckSessionParameter(*facts, text.value_or("")));
  context.session->parameters[option.key] = std::move(checked);
  return {};
}

}  // namespace

Outcome Act(StatementContext& context, const syntax::Use& use) {
  SessionState& session = *context.session;
  STATEMENT_ASSIGN(const auto snapshot, context.account->metastore().Read());
  if (use.target == syntax::UseTarget::kSecondaryRoles) {
    STATEMENT_ASSIGN(const ObjectName first, NameOf(context, use.name));
    if (!use.more.empty() || (first.name != "ALL" && first.name != "NONE")) {
      return UnsupportedFeature("USE SECONDARY ROLES with names");
    }
    session.all_secondary_roles = first.name == "ALL";
    return Executed();
  }
  // USE name: a database; with a dot, a schema of one.
  STATEMENT_ASSIGN(const ObjectName name, NameOf(context, use.name, ObjectKind::kSchema));
  const bool schema = use.target == syntax::UseTarget::kSchema ||
                      (use.target == syntax::UseTarget::kUnspecified && name.database);
  switch (use.target) {
    case syntax::UseTarget::kUnspecified:
    case syntax::UseTarget::kDatabase:
    case syntax::UseTarget::kSchema:
      STATEMENT_TRY(schema ? UseSchema(*snapshot, session, name)
                           : UseDatabase(*snapshot, session, name.name));
      break;
    case syntax::UseTarget::kRole:
      STATEMENT_TRY(UseRole(*snapshot, session, name.name));
      break;
    case syntax::UseTarget::kWarehouse:
      STATEMENT_TRY(UseWarehouse(*snapshot, session, name.name));
      break;
    case syntax::UseTarget::kSecondaryRoles:
      break;  // above
  }
  return Executed();
}

Outcome Act(StatementContext& context, const syntax::SetVariables& set) {
  if (set.names.size() != set.values.size()) {
    return UnsupportedFeature("SET of several variables to one query");
  }
  std::vector<sql::bound::Expression> values;
  for (const syntax::Expression& value : set.values) {
    STATEMENT_ASSIGN(auto constant, EvaluateWith(context, value, context.text,
                                                 context.named_parameters, std::nullopt));
    values.push_back(std::move(constant));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    context.session->variables[set.names[i].Canonical()] = std::move(values[i]);
  }
  return Executed();
}

Outcome Act(StatementContext& context, const syntax::UnsetVariables& unset) {
  for (const syntax::Identifier& name : unset.names) {
    context.session->variables.erase(name.Canonical());
  }
  return Executed();
}

Outcome AlterSession(StatementContext& context, const syntax::AlterObject& alter) {
  for (const syntax::AlterAction& action : alter.actions) {
    if (const auto* set = std::get_if<syntax::SetOptions>(&action)) {
      for (const syntax::Option& option : set->options) STATEMENT_TRY(SetOne(context, option));
    } else if (const auto* unset = std::get_if<syntax::UnsetOptions>(&action)) {
      for (const std::string& key : unset->keys) {
        if (FindSessionParameter(key) == nullptr) return InvalidParameterName(key);
        context.session->parameters.erase(key);
      }
    } else {
      return UnsupportedFeature("ALTER SESSION with this clause");
    }
  }
  return Executed();
}

namespace {

constexpr int64_t kRetentionDaysMax = 90;

/// What may be set for the whole account: session parameters, and what databases inherit from it.
StatementResult<std::string> AccountValue(OptionReader& reader, const std::string& key) {
  if (const ParameterFacts* const facts = FindSessionParameter(key)) {
    const auto text = reader.Text(key);
    STATEMENT_TRY(reader.Finish());
    return CheckSessionParameter(*facts, text.value_or(""));
  }
  if (key == kRetentionParameter) {
    const auto days = reader.Integer(key, 0, kRetentionDaysMax);
    STATEMENT_TRY(reader.Finish());
    return std::to_string(days.value_or(kRetentionDaysDefault));
  }
  const auto name = reader.Text(key);
  STATEMENT_TRY(reader.Finish());
  if (!name || !ParseObjectName(*name)) return InvalidParameterValue(key, name.value_or(""));
  return *name;
}

/// 000002 by name for what would have no effect.
StatementResult<> RequireAccountParameter(const std::string& key) {
  if (FindSessionParameter(key) != nullptr || key == kRetentionParameter ||
      key == "EXTERNAL_VOLUME" || key == "CATALOG") {
    return {};
  }
  return UnsupportedFeature(fmt::format("ALTER ACCOUNT with {}", key));
}

}  // namespace

Outcome AlterAccount(StatementContext& context, const syntax::AlterObject& alter) {
  std::vector<std::pair<std::string, std::optional<std::string>>> changes;
  for (const syntax::AlterAction& action : alter.actions) {
    if (const auto* set = std::get_if<syntax::SetOptions>(&action)) {
      for (const syntax::Option& option : set->options) {
        STATEMENT_TRY(RequireAccountParameter(option.key));
        const std::vector<syntax::Option> one = {option};
        OptionReader reader(context, "ACCOUNT", one);
        STATEMENT_ASSIGN(std::string value, AccountValue(reader, option.key));
        changes.emplace_back(option.key, std::move(value));
      }
    } else if (const auto* unset = std::get_if<syntax::UnsetOptions>(&action)) {
      for (const std::string& key : unset->keys) {
        STATEMENT_TRY(RequireAccountParameter(key));
        changes.emplace_back(key, std::nullopt);
      }
    } else {
      return UnsupportedFeature("ALTER ACCOUNT with this clause");
    }
  }
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        for (const auto& [key, value] : changes) {
          STATEMENT_TRY(SetAccountParameter(transaction, caller, key, value));
        }
        return {};
      }));
  return Executed();
}

}  // namespace tarn::warehouse
