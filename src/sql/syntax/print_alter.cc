// SPDX-License-Identifier: Apache-2.0
// ALTER.
#include "sql/syntax/print.h"
#include "sql/syntax/printer.h"

namespace tarn::sql::syntax {

void Printer::Write(const AlterObject& statement) {
  Put("ALTER ");
  Put(ToString(statement.kind));
  if (statement.if_exists) Put(" IF EXISTS");
  WriteClause(" ", statement.name);
  WriteSignature(statement.has_signature, statement.signature);
  for (const ObjectName& name : statement.more_names) {
    Put(", ");
    Write(name);
  }
  std::string_view separator = " ";
  for (const AlterAction& action : statement.actions) {
    Put(separator);
    separator = ", ";
    std::visit([this](const auto& node) { Write(node); }, action);
  }
}

void Printer::Write(const RenameTo& action) {
  Put("RENAME TO ");
  Write(action.name);
}

void Printer::Write(const SwapWith& action) {
  Put("SWAP WITH ");
  Write(action.name);
}

void Printer::Write(const SetOptions& action) {
  Put("SET");
  for (const Option& option : action.options) {
    const auto* tags = option.value ? std::get_if<OptionTags>(&(*option.value)->value) : nullptr;
    Put(" ");
    if (tags == nullptr) {
      Write(option);
    } else {
      Put("TAG ");
      WriteList(tags->tags);
    }
  }
  if (!action.apply.empty()) {
    Put(" APPLY ");
    Put(action.apply);
  }
  if (action.apply_on) {
    Put(" ");
    PutString(*action.apply_on);
  }
}

void Printer::Write(const UnsetOptions& action) {
  Put(action.tags.empty() ? "UNSET " : "UNSET TAG ");
  WriteList(action.tags);
  std::string_view separator;
  for (const std::string& key : action.keys) {
    Put(separator);
    separator = ", ";
    Put(key);
  }
}

void Printer::Write(const Perform& action) {
  Put(action.verb);
  WriteOptions(action.options);
  if (!action.arguments.empty()) Put(" ");
  WriteList(action.arguments);
}

void Printer::Write(const AddColumns& action) {
  Put(action.if_not_exists ? "ADD COLUMN IF NOT EXISTS " : "ADD COLUMN ");
  WriteList(action.columns);
}

void Printer::Write(const DropColumns& action) {
  Put(action.if_exists ? "DROP COLUMN IF EXISTS " : "DROP COLUMN ");
  WriteList(action.columns);
}

void Printer::Write(const RenameColumn& action) {
  Put("RENAME COLUMN ");
  Write(action.from);
  Put(" TO ");
  Write(action.to);
}

void Printer::Write(const AlterColumns& action) {
  Put("ALTER ");
  WriteList(action.changes);
}

void Printer::Write(const ColumnChange& change) {
  Put("COLUMN ");
  Write(change.column);
  switch (change.kind) {
    case ColumnChangeKind::kSetType:
      return WriteClause(" SET DATA TYPE ", change.type);
    case ColumnChangeKind::kSetNotNull:
      return Put(" SET NOT NULL");
    case ColumnChangeKind::kDropNotNull:
      return Put(" DROP NOT NULL");
    case ColumnChangeKind::kSetDefault:
      return WriteClause(" SET DEFAULT ", change.value);
    case ColumnChangeKind::kDropDefault:
      return Put(" DROP DEFAULT");
    case ColumnChangeKind::kSetComment:
      Put(" COMMENT ");
      return PutString(*change.comment);
    case ColumnChangeKind::kUnsetComment:
      return Put(" UNSET COMMENT");
    case ColumnChangeKind::kSetPolicy:
      WriteClause(" SET ", change.policy);
      return Put(change.force ? " FORCE" : "");
    case ColumnChangeKind::kUnsetPolicy:
      Put(" UNSET ");
      Put(change.policy->kind);
      return Put(" POLICY");
    case ColumnChangeKind::kSetTags:
      Put(" SET TAG ");
      return WriteList(change.tags);
    case ColumnChangeKind::kUnsetTags:
      Put(" UNSET TAG ");
      return WriteList(change.tag_names);
  }
}

void Printer::Write(const AddConstraint& action) {
  Put("ADD ");
  Write(action.constraint);
}

void Printer::Write(const RenameConstraint& action) {
  Put("RENAME CONSTRAINT ");
  Write(action.from);
  Put(" TO ");
  Write(action.to);
}

void Printer::Write(const ChangeConstraint& action) {
  Put(action.drop ? "DROP " : "ALTER ");
  if (action.name) {
    Put("CONSTRAINT ");
    Write(*action.name);
  } else {
    Put(action.kind == ConstraintKind::kPrimaryKey ? "PRIMARY KEY"
        : action.kind == ConstraintKind::kUnique   ? "UNIQUE"
                                                   : "FOREIGN KEY");
  }
  WriteOptionalList(action.columns);
  for (const std::string& property : action.properties) {
    Put(" ");
    Put(property);
  }
}

void Printer::Write(const ClusterBy& action) {
  Put("CLUSTER BY");
  WriteOptionalList(action.keys);
}

void Printer::Write(const ChangePolicy& action) {
  Put(action.verb);
  Put(" ");
  if (action.policy) {
    Write(*action.policy);
  } else {
    Put(action.kind);
    Put(action.verb == "DROP ALL" ? " POLICIES" : " POLICY");
  }
  if (action.force) Put(" FORCE");
}

void Printer::Write(const ChangePredecessors& action) {
  Put(action.remove ? "REMOVE AFTER " : "ADD AFTER ");
  WriteList(action.tasks);
}

void Printer::Write(const ModifyBody& action) {
  Put("MODIFY AS ");
  Write(*action.body);
}

void Printer::Write(const ModifyCondition& action) {
  Put("MODIFY WHEN ");
  Write(action.condition);
}

}  // namespace tarn::sql::syntax
