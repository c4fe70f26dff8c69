// SPDX-License-Identifier: Apache-2.0
// ALTER: what every kind has, and the rest by kind.
#include <algorithm>

#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/dynamic_tables.h"
#include "warehouse/statements/iceberg_tables.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"
#include "warehouse/statements/routines.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// The value of TAG, where it is the only option.
const std::vector<syntax::TagAssignment>* OnlyTags(const syntax::SetOptions& set) {
  if (set.options.size() != 1 || !set.options[0].value) return nullptr;
  const auto* tags = std::get_if<syntax::OptionTags>(&(**set.options[0].value).value);
  return tags == nullptr ? nullptr : &tags->tags;
}

class GeneralAlter {
 public:
  GeneralAlter(StatementContext& context, AlterRequest request)
      : context_(context), request_(std::move(request)) {}

  Outcome operator()(const syntax::RenameTo& rename) {
    STATEMENT_ASSIGN(const ObjectName name, NameOf(context_, rename.name, request_.kind));
    return Commit([&](Transaction& transaction, const Caller& caller) {
      return RenameObject(transaction, caller, request_, name);
    });
  }
  Outcome operator()(const syntax::SwapWith& swap) {
    STATEMENT_ASSIGN(const ObjectName other, NameOf(context_, swap.name, request_.kind));
    STATEMENT_TRY(CommitObjects(context_, [&](Transaction& transaction, const Caller& caller) {
      return SwapObjects(transaction, caller, request_.kind, request_.name, other);
    }));
    return Executed();
  }
  Outcome SetTags(const std::vector<syntax::TagAssignment>& tags) {
    for (const syntax::TagAssignment& tag : tags) {
      STATEMENT_ASSIGN(const ObjectName name, NameOf(context_, tag.name));
      STATEMENT_ASSIGN(const std::string value, ConstantText(context_, tag.value));
      STATEMENT_TRY(ChangeTag(name, value));
    }
    return Executed();
  }
  Outcome UnsetTags(const std::vector<syntax::ObjectName>& tags) {
    for (const syntax::ObjectName& tag : tags) {
      STATEMENT_ASSIGN(const ObjectName name, NameOf(context_, tag));
      STATEMENT_TRY(ChangeTag(name, std::nullopt));
    }
    return Executed();
  }
  Outcome Comment(const std::string& text) {
    // A property like others, where there is a privilege to change those.
    if (IsPrivilegeOn(request_.kind, kModify)) request_.privileges = {kOwnership, kModify};
    return Commit([&](Transaction& transaction, const Caller& caller) {
      return SetComment(transaction, caller, request_, text);
    });
  }

 private:
  using Change = std::function<StatementResult<bool>(Transaction&, const Caller&)>;
  Outcome Commit(const Change& change) {
    STATEMENT_TRY(CommitObjects(
        context_, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
          STATEMENT_TRY(change(transaction, caller));
          return {};
        }));
    return Executed();
  }
  StatementResult<> ChangeTag(const ObjectName& tag, const std::optional<std::string>& value) {
    return CommitObjects(context_, [&](Transaction& transaction, const Caller& caller) {
      return SetTag(transaction, caller, request_, "", tag, value);
    });
  }

  StatementContext& context_;
  AlterRequest request_;
};

}  // namespace

std::optional<Outcome> TryGeneralAlter(StatementContext& context,
                                       const syntax::AlterObject& alter) {
  if (!alter.name || alter.actions.size() != 1) return std::nullopt;
  const auto kind = StoredKindOf(alter.kind);
  if (!kind) return std::nullopt;
  const bool renames = std::holds_alternative<syntax::RenameTo>(alter.actions[0]) ||
                       std::holds_alternative<syntax::SwapWith>(alter.actions[0]);
  if (renames && *kind == ObjectKind::kPostgresInstance) {
    return UnsupportedFeature("ALTER POSTGRES INSTANCE … RENAME TO");
  }
  auto name = NameOf(context, *alter.name, *kind);
  if (!name) return std::unexpected(std::move(name).error());
  if (alter.has_signature) {
    auto signature = SignatureOf(alter.signature);
    if (!signature) return std::unexpected(std::move(signature).error());
    name->signature = *std::move(signature);
  }
  GeneralAlter general(context, AlterRequestOf(*kind, *name, alter.if_exists));
  const syntax::AlterAction& action = alter.actions[0];
  if (const auto* rename = std::get_if<syntax::RenameTo>(&action)) return general(*rename);
  if (const auto* swap = std::get_if<syntax::SwapWith>(&action)) return general(*swap);
  if (const auto* set = std::get_if<syntax::SetOptions>(&action)) {
    if (const auto* tags = OnlyTags(*set)) return general.SetTags(*tags);
    if (set->options.size() == 1 && set->options[0].key == "COMMENT") {
      OptionReader options(context, syntax::ToString(alter.kind), set->options);
      const auto comment = options.Text("COMMENT");
      if (const auto finished = options.Finish(); !finished) {
        return std::unexpected(finished.error());
      }
      return general.Comment(comment.value_or(""));
    }
  }
  if (const auto* unset = std::get_if<syntax::UnsetOptions>(&action)) {
    if (!unset->tags.empty()) return general.UnsetTags(unset->tags);
    if (unset->keys == std::vector<std::string>{"COMMENT"}) return general.Comment("");
  }
  return std::nullopt;
}

Outcome Act(StatementContext& context, const syntax::AlterObject& alter) {
  using Kind = syntax::ObjectKind;
  const bool may_be_nameless = alter.kind == Kind::kSession || alter.kind == Kind::kAccount ||
                               alter.kind == Kind::kUser || alter.kind == Kind::kWarehouse;
  if (!alter.name && !may_be_nameless) {
    return CompilationError("001003", "42000",
                            fmt::format("ALTER {} needs a name", syntax::ToString(alter.kind)));
  }
  if (alter.kind == Kind::kFunction) return AlterFunction(context, alter);
  if (auto general = TryGeneralAlter(context, alter)) return *std::move(general);
  if (auto external = TryAlterExternalIcebergTable(context, alter)) return *std::move(external);
  switch (alter.kind) {
    case Kind::kSession:
      return AlterSession(context, alter);
    case Kind::kAccount:
      return AlterAccount(context, alter);
    case Kind::kDatabase:
      return AlterDatabase(context, alter);
    case Kind::kSchema:
      return AlterSchema(context, alter);
    case Kind::kWarehouse:
      return AlterWarehouse(context, alter);
    case Kind::kUser:
      return AlterUser(context, alter);
    case Kind::kSequence:
      return AlterSequence(context, alter);
    case Kind::kFileFormat:
      return AlterFileFormat(context, alter);
    case Kind::kTag:
      return AlterTag(context, alter);
    case Kind::kNetworkRule:
      return AlterNetworkRule(context, alter);
    case Kind::kNetworkPolicy:
      return AlterNetworkPolicy(context, alter);
    case Kind::kStorageIntegration:
      return AlterStorageIntegration(context, alter);
    case Kind::kPostgresInstance:
      return AlterPostgresInstance(context, alter);
    case Kind::kStage:
      return AlterStage(context, alter);
    case Kind::kExternalVolume:
      return AlterExternalVolume(context, alter);
    case Kind::kCatalogIntegration:
      return AlterCatalogIntegration(context, alter);
    case Kind::kTable:
    case Kind::kIcebergTable:
      return AlterTable(context, alter);
    case Kind::kDynamicTable:
    case Kind::kDynamicIcebergTable:
      return AlterDynamicTable(context, alter);
    case Kind::kTask:
      return AlterTask(context, alter);
    case Kind::kApplication:
      return AlterApplication(context, alter);
    default:
      return UnsupportedFeature(fmt::format("ALTER {}", syntax::ToString(alter.kind)));
  }
}

}  // namespace tarn::warehouse
