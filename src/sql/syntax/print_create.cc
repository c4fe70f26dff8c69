// SPDX-License-Identifier: Apache-2.0
// CREATE of every kind, DROP, UNDROP, COMMENT.
#include "sql/syntax/printer.h"

namespace tarn::sql::syntax {

void Printer::Write(const CreateHead& head) {
  Put("CREATE ");
  if (head.or_replace) Put("OR REPLACE ");
  if (head.or_alter) Put("OR ALTER ");
  for (const std::string& modifier : head.modifiers) {
    Put(modifier);
    Put(" ");
  }
  Put(ToString(head.kind));
  Put(head.if_not_exists ? " IF NOT EXISTS " : " ");
  Write(head.name);
}

void Printer::Write(const CopySource& source) {
  switch (source.kind) {
    case CopyKind::kClone:
      Put("CLONE ");
      break;
    case CopyKind::kLike:
      Put("LIKE ");
      break;
    case CopyKind::kFork:
      Put("FORK ");
      break;
    case CopyKind::kShare:
      Put("FROM SHARE ");
      break;
  }
  Write(source.name);
  WriteClause(" ", source.time_travel);
}

// --- Columns
// ------------------------------------------------------------------------------------------------

void Printer::Write(const Constraint& constraint) {
  if (constraint.name) {
    Put("CONSTRAINT ");
    Write(*constraint.name);
    Put(" ");
  }
  switch (constraint.kind) {
    case ConstraintKind::kPrimaryKey:
      Put("PRIMARY KEY");
      break;
    case ConstraintKind::kUnique:
      Put("UNIQUE");
      break;
    case ConstraintKind::kForeignKey:
      Put("FOREIGN KEY");
      break;
    case ConstraintKind::kCheck:
      Put("CHECK (");
      break;
  }
  if (constraint.check) {
    Write(*constraint.check);
    Put(")");
  }
  WriteOptionalList(constraint.columns);
  WriteClause(" REFERENCES ", constraint.referenced_table);
  WriteOptionalList(constraint.referenced_columns);
  for (const std::string& property : constraint.properties) {
    Put(" ");
    Put(property);
  }
  if (constraint.comment) {
    Put(" COMMENT ");
    PutString(*constraint.comment);
  }
}

void Printer::Write(const PolicyUse& use) {
  Put(use.kind);
  Put(" POLICY ");
  Write(use.policy);
  if (!use.columns.empty()) Put(use.kind == "MASKING" ? " USING" : " ON");
  WriteOptionalList(use.columns);
}

void Printer::Write(const AutoIncrement& increment) {
  Put("AUTOINCREMENT");
  constexpr int kUnary = 7;
  if (increment.start) Put(" START ");
  if (increment.start) WriteOperand(*increment.start, kUnary);
  if (increment.step) Put(" INCREMENT ");
  if (increment.step) WriteOperand(*increment.step, kUnary);
  if (!increment.order.empty()) Put(" ");
  Put(increment.order);
}

void Printer::Write(const ColumnDefinition& column) {
  Write(column.name);
  WriteClause(" ", column.type);
  if (column.computed) {
    Put(" AS (");
    Write(*column.computed);
    Put(")");
  }
  if (column.collation) {
    Put(" COLLATE ");
    PutString(*column.collation);
  }
  if (column.nullability == Nullability::kNotNull) Put(" NOT NULL");
  if (column.nullability == Nullability::kNull) Put(" NULL");
  constexpr int kOperand = 5;
  if (column.default_value) Put(" DEFAULT ");
  if (column.default_value) WriteOperand(*column.default_value, kOperand);
  WriteClause(" ", column.auto_increment);
  for (const Constraint& constraint : column.constraints) {
    Put(" ");
    Write(constraint);
  }
  for (const PolicyUse& policy : column.policies) {
    Put(" ");
    Write(policy);
  }
  if (!column.tags.empty()) Put(" TAG");
  WriteOptionalList(column.tags);
  if (column.comment) {
    Put(" COMMENT ");
    PutString(*column.comment);
  }
}

// --- Tables and views
// ---------------------------------------------------------------------------------------

void Printer::Write(const CreateTable& statement) {
  Write(statement.head);
  if (!statement.columns.empty() || !statement.constraints.empty()) {
    Put(" (");
    WriteList(statement.columns);
    if (!statement.columns.empty() && !statement.constraints.empty()) Put(", ");
    WriteList(statement.constraints);
    Put(")");
  }
  WriteClause(" ", statement.copy_of);
  if (!statement.cluster_by.empty()) Put(" CLUSTER BY");
  WriteOptionalList(statement.cluster_by);
  if (!statement.partition_by.empty()) Put(" PARTITION BY");
  WriteOptionalList(statement.partition_by);
  for (const PolicyUse& policy : statement.policies) {
    Put(" ");
    Write(policy);
  }
  WriteClause(" BACKFILL FROM ", statement.backfill_from);
  WriteClause(" START ", statement.start_at);
  WriteClause(" EXECUTE AS USER ", statement.execute_as_user);
  if (!statement.secondary_roles.empty()) Put(" USE SECONDARY ROLES ");
  WriteList(statement.secondary_roles);
  WriteOptions(statement.options);
  if (statement.frozen_where) {
    Put(" FROZEN WHERE (");
    Write(*statement.frozen_where);
    Put(")");
  }
  WriteClause(" AS ", statement.query);
  if (statement.refresh_using) {
    Put(" REFRESH USING (");
    Write(**statement.refresh_using);
    Put(")");
  }
}

void Printer::Write(const CreateView& statement) {
  Write(statement.head);
  WriteOptionalList(statement.columns);
  if (!statement.cluster_by.empty()) Put(" CLUSTER BY");
  WriteOptionalList(statement.cluster_by);
  for (const PolicyUse& policy : statement.policies) {
    Put(" ");
    Write(policy);
  }
  WriteOptions(statement.options);
  Put(" AS ");
  Write(statement.query);
}

// --- Other objects
// ------------------------------------------------------------------------------------------

void Printer::Write(const CreateObject& statement) {
  Write(statement.head);
  WriteClause(" ", statement.copy_of);
  WriteOptions(statement.options);
}

void Printer::Write(const CreateStream& statement) {
  Write(statement.head);
  Put(" ON ");
  Put(ToString(statement.source_kind));
  Put(" ");
  Write(statement.source);
  WriteClause(" ", statement.time_travel);
  WriteOptions(statement.options);
}

void Printer::Write(const CreateTask& statement) {
  Write(statement.head);
  WriteOptions(statement.options);
  if (!statement.after.empty()) Put(" AFTER ");
  WriteList(statement.after);
  WriteClause(" EXECUTE AS USER ", statement.execute_as_user);
  WriteClause(" WHEN ", statement.when);
  Put(" AS ");
  Write(*statement.body);
}

void Printer::Write(const CreateRoutine& statement) {
  Write(statement.head);
  WriteRoutineTail(statement);
}

void Printer::WriteRoutineTail(const CreateRoutine& routine) {
  WriteParenthesized(routine.arguments);
  if (routine.returns_table) Put(" RETURNS TABLE ");
  if (routine.returns_table) WriteParenthesized(routine.table_columns);
  WriteClause(" RETURNS ", routine.returns);
  if (routine.returns_not_null) Put(" NOT NULL");
  WriteOptions(routine.options);
  if (!routine.body) return;
  Put(" AS ");
  if (routine.body->find("$$") == std::string::npos && !routine.body->ends_with('$')) {
    Put("$$");
    Put(*routine.body);
    Put("$$");
  } else {
    PutString(*routine.body);
  }
}

void Printer::Write(const RoutineArgument& argument) {
  Write(argument.name);
  Put(" ");
  if (!argument.mode.empty()) {
    Put(argument.mode);
    Put(" ");
  }
  Write(argument.type);
  WriteClause(" DEFAULT ", argument.default_value);
}

void Printer::Write(const DropObject& statement) {
  Put("DROP ");
  Put(ToString(statement.kind));
  Put(statement.if_exists ? " IF EXISTS " : " ");
  Write(statement.name);
  WriteSignature(statement.has_signature, statement.signature);
  if (!statement.behaviour.empty()) Put(" ");
  Put(statement.behaviour);
}

void Printer::Write(const UndropObject& statement) {
  Put("UNDROP ");
  Put(ToString(statement.kind));
  Put(" ");
  Write(statement.name);
}

void Printer::Write(const Comment& statement) {
  Put(statement.if_exists ? "COMMENT IF EXISTS ON " : "COMMENT ON ");
  Put(ToString(statement.kind));
  Put(" ");
  Write(statement.name);
  WriteSignature(statement.has_signature, statement.signature);
  Put(" IS ");
  PutString(statement.text);
}

}  // namespace tarn::sql::syntax
