// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sql/syntax/print.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

std::string WithKind(std::string_view verb, syntax::ObjectKind kind) {
  return fmt::format("{} {}", verb, syntax::ToString(kind));
}

struct Command {
  std::string operator()(const syntax::QueryStatement&) const { return "SELECT"; }
  std::string operator()(const syntax::Insert&) const { return "INSERT"; }
  std::string operator()(const syntax::MultiTableInsert&) const { return "INSERT ALL"; }
  std::string operator()(const syntax::Update&) const { return "UPDATE"; }
  std::string operator()(const syntax::Delete&) const { return "DELETE"; }
  std::string operator()(const syntax::Merge&) const { return "MERGE"; }
  std::string operator()(const syntax::Truncate&) const { return "TRUNCATE TABLE"; }
  std::string operator()(const syntax::CopyIntoTable&) const { return "COPY INTO"; }
  std::string operator()(const syntax::CopyIntoLocation&) const { return "COPY INTO LOCATION"; }
  std::string operator()(const syntax::FileTransfer& transfer) const {
    return transfer.upload ? "PUT" : "GET";
  }
  std::string operator()(const syntax::StageCommand& command) const {
    return command.action == syntax::StageAction::kList ? "LIST" : "REMOVE";
  }
  std::string operator()(const syntax::TransactionControl& control) const {
    switch (control.action) {
      case syntax::TransactionAction::kBegin:
        return "BEGIN";
      case syntax::TransactionAction::kCommit:
        return "COMMIT";
      case syntax::TransactionAction::kRollback:
        break;
    }
    return "ROLLBACK";
  }
  std::string operator()(const syntax::Use&) const { return "USE"; }
  std::string operator()(const syntax::SetVariables&) const { return "SET"; }
  std::string operator()(const syntax::UnsetVariables&) const { return "UNSET"; }
  std::string operator()(const syntax::Show&) const { return "SHOW"; }
  std::string operator()(const syntax::Describe&) const { return "DESCRIBE"; }
  std::string operator()(const syntax::Explain&) const { return "EXPLAIN"; }
  std::string operator()(const syntax::Flow&) const { return "->>"; }
  std::string operator()(const syntax::Call&) const { return "CALL"; }
  std::string operator()(const syntax::ExecuteImmediate&) const { return "EXECUTE IMMEDIATE"; }
  std::string operator()(const syntax::ExecuteTask&) const { return "EXECUTE TASK"; }
  std::string operator()(const syntax::CreateTable& create) const {
    return WithKind("CREATE", create.head.kind);
  }
  std::string operator()(const syntax::CreateView& create) const {
    return WithKind("CREATE", create.head.kind);
  }
  std::string operator()(const syntax::CreateObject& create) const {
    return WithKind("CREATE", create.head.kind);
  }
  std::string operator()(const syntax::CreateStream&) const { return "CREATE STREAM"; }
  std::string operator()(const syntax::CreateTask&) const { return "CREATE TASK"; }
  std::string operator()(const syntax::CreateRoutine& create) const {
    return WithKind("CREATE", create.head.kind);
  }
  std::string operator()(const syntax::AlterObject& alter) const {
    return WithKind("ALTER", alter.kind);
  }
  std::string operator()(const syntax::DropObject& drop) const {
    return WithKind("DROP", drop.kind);
  }
  std::string operator()(const syntax::UndropObject& undrop) const {
    return WithKind("UNDROP", undrop.kind);
  }
  std::string operator()(const syntax::Comment&) const { return "COMMENT"; }
  std::string operator()(const syntax::Grant& grant) const {
    return grant.revoke ? "REVOKE" : "GRANT";
  }
  /// What is left is Snowflake Scripting.
  template <typename Node>
  std::string operator()(const Node&) const {
    return "BLOCK";
  }
};

struct Effect {
  using E = StatementEffect;
  E operator()(const syntax::QueryStatement&) const { return E::kNone; }
  E operator()(const syntax::Show&) const { return E::kNone; }
  E operator()(const syntax::Describe&) const { return E::kNone; }
  E operator()(const syntax::Explain&) const { return E::kNone; }
  E operator()(const syntax::Use&) const { return E::kSession; }
  E operator()(const syntax::SetVariables&) const { return E::kSession; }
  E operator()(const syntax::UnsetVariables&) const { return E::kSession; }
  E operator()(const syntax::TransactionControl&) const { return E::kTransaction; }
  E operator()(const syntax::Insert&) const { return E::kRows; }
  E operator()(const syntax::MultiTableInsert&) const { return E::kRows; }
  E operator()(const syntax::Update&) const { return E::kRows; }
  E operator()(const syntax::Delete&) const { return E::kRows; }
  E operator()(const syntax::Merge&) const { return E::kRows; }
  E operator()(const syntax::Truncate&) const { return E::kRows; }
  E operator()(const syntax::CopyIntoTable&) const { return E::kRows; }
  /// It changes no table and no object; what the transaction has done is read.
  E operator()(const syntax::CopyIntoLocation&) const { return E::kNone; }
  /// What happens to files happens afterwards.
  E operator()(const syntax::FileTransfer&) const { return E::kNone; }
  E operator()(const syntax::StageCommand& command) const {
    return command.action == syntax::StageAction::kList ? E::kNone : E::kObjects;
  }
  E operator()(const syntax::Call&) const { return E::kBlock; }
  E operator()(const syntax::ExecuteImmediate&) const { return E::kBlock; }
  E operator()(const syntax::Block&) const { return E::kBlock; }
  E operator()(const syntax::Flow&) const { return E::kBlock; }
  E operator()(const syntax::AlterObject& alter) const {
    return alter.kind == syntax::ObjectKind::kSession ? E::kSession : E::kObjects;
  }
  template <typename Node>
  E operator()(const Node&) const {
    return E::kObjects;
  }
};

}  // namespace

std::string CommandOf(const syntax::Statement& statement) {
  return std::visit(Command{}, statement.value);
}

StatementEffect EffectOf(const syntax::Statement& statement) {
  return std::visit(Effect{}, statement.value);
}

bool StandsAlone(const syntax::Statement& statement) {
  const auto* alter = std::get_if<syntax::AlterObject>(&statement.value);
  if (alter == nullptr || alter->kind != syntax::ObjectKind::kIcebergTable) return false;
  return std::ranges::any_of(alter->actions, [](const syntax::AlterAction& action) {
    const auto* perform = std::get_if<syntax::Perform>(&action);
    return perform != nullptr && perform->verb == "REFRESH";
  });
}

}  // namespace tarn::warehouse
