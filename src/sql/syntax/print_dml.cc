// SPDX-License-Identifier: Apache-2.0
// Statements that change rows or move files.
#include "sql/syntax/printer.h"

namespace tarn::sql::syntax {

void Printer::Write(const Statement& statement) {
  std::visit([this](const auto& node) { Write(node); }, statement.value);
}

void Printer::Write(const QueryStatement& statement) { Write(statement.query); }

void Printer::Write(const Insert& statement) {
  Put(statement.overwrite ? "INSERT OVERWRITE INTO " : "INSERT INTO ");
  Write(statement.table);
  WriteOptionalList(statement.columns);
  Put(statement.by_name ? " BY NAME " : " ");
  Write(statement.source);
}

void Printer::Write(const MultiTableInsert& statement) {
  Put(statement.overwrite ? "INSERT OVERWRITE " : "INSERT ");
  Put(statement.first ? "FIRST " : "ALL ");
  const bool conditional = !statement.branches.empty() && statement.branches[0].condition;
  for (const InsertBranch& branch : statement.branches) {
    if (branch.condition) {
      Put("WHEN ");
      Write(*branch.condition);
      Put(" THEN ");
    } else if (conditional) {
      Put("ELSE ");
    }
    WriteList(branch.targets, " ");
    Put(" ");
  }
  Write(statement.source);
}

void Printer::Write(const InsertTarget& target) {
  Put("INTO ");
  Write(target.table);
  WriteOptionalList(target.columns);
  if (!target.values.empty()) Put(" VALUES");
  WriteOptionalList(target.values);
}

void Printer::Write(const ColumnAssignment& assignment) {
  WriteParts(assignment.column);
  Put(" = ");
  Write(assignment.value);
}

void Printer::Write(const Update& statement) {
  Put("UPDATE ");
  Write(statement.table);
  WriteClause(" AS ", statement.alias);
  Put(" SET ");
  WriteList(statement.assignments);
  if (!statement.from.empty()) Put(" FROM ");
  WriteList(statement.from);
  WriteClause(" WHERE ", statement.where);
}

void Printer::Write(const Delete& statement) {
  Put("DELETE FROM ");
  Write(statement.table);
  WriteClause(" AS ", statement.alias);
  if (!statement.from.empty()) Put(" USING ");
  WriteList(statement.from);
  WriteClause(" WHERE ", statement.where);
}

void Printer::Write(const Merge& statement) {
  Put("MERGE INTO ");
  Write(statement.table);
  WriteClause(" AS ", statement.alias);
  Put(" USING ");
  Write(statement.source);
  Put(" ON ");
  Write(statement.on);
  for (const MergeClause& clause : statement.clauses) {
    Put(" ");
    Write(clause);
  }
}

void Printer::Write(const MergeClause& clause) {
  Put(clause.action == MergeAction::kInsert ? "WHEN NOT MATCHED" : "WHEN MATCHED");
  WriteClause(" AND ", clause.condition);
  switch (clause.action) {
    case MergeAction::kDelete:
      return Put(" THEN DELETE");
    case MergeAction::kUpdate:
      if (clause.all_by_name) return Put(" THEN UPDATE ALL BY NAME");
      Put(" THEN UPDATE SET ");
      return WriteList(clause.assignments);
    case MergeAction::kInsert:
      if (clause.all_by_name) return Put(" THEN INSERT ALL BY NAME");
      Put(" THEN INSERT");
      WriteOptionalList(clause.columns);
      Put(" VALUES ");
      return WriteParenthesized(clause.values);
  }
}

void Printer::Write(const Truncate& statement) {
  Put(statement.if_exists ? "TRUNCATE TABLE IF EXISTS " : "TRUNCATE TABLE ");
  Write(statement.table);
}

// --- Files
// --------------------------------------------------------------------------------------------------

void Printer::Write(const FileLocation& location) {
  std::visit([this](const auto& place) { Write(place); }, location);
}

void Printer::Write(const CopyIntoTable& statement) {
  Put("COPY INTO ");
  Write(statement.table);
  WriteOptionalList(statement.columns);
  Put(" FROM ");
  if (const auto* query = std::get_if<Query>(&statement.source)) {
    WriteQuery(*query);
  } else {
    Write(std::get<FileLocation>(statement.source));
  }
  WriteOptions(statement.options);
}

void Printer::Write(const CopyIntoLocation& statement) {
  Put("COPY INTO ");
  Write(statement.location);
  Put(" FROM ");
  if (const auto* query = std::get_if<Query>(&statement.source)) {
    WriteQuery(*query);
  } else {
    Write(std::get<ObjectName>(statement.source));
  }
  if (statement.partition_by) {
    Put(" PARTITION BY (");
    Write(*statement.partition_by);
    Put(")");
  }
  WriteOptions(statement.options);
}

namespace {

bool IsFileUrl(std::string_view text) {
  return text.starts_with("file://") && text.find_first_of(" \t\r\n;") == std::string_view::npos;
}

}  // namespace

void Printer::Write(const FileTransfer& statement) {
  const auto local = [&] {
    if (IsFileUrl(statement.local)) {
      Put(statement.local);
    } else {
      PutString(statement.local);
    }
  };
  Put(statement.upload ? "PUT " : "GET ");
  if (statement.upload) local();
  if (statement.upload) Put(" ");
  if (statement.bound_stage) {
    Write(*statement.bound_stage);
  } else {
    Write(statement.stage);
  }
  if (!statement.upload) Put(" ");
  if (!statement.upload) local();
  WriteOptions(statement.options);
}

void Printer::Write(const StageCommand& statement) {
  Put(statement.action == StageAction::kList ? "LIST " : "REMOVE ");
  Write(statement.stage);
  WriteOptions(statement.options);
}

}  // namespace tarn::sql::syntax
