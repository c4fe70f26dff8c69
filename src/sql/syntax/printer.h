// SPDX-License-Identifier: Apache-2.0
// The printer behind print.h: an overload of Write per node, by subject in print_<subject>.cc.
#pragma once

#include <string>
#include <string_view>

#include "sql/syntax/statement.h"

namespace tarn::sql::syntax {

/// Whether the upper-case word means something to the grammar: names that were quoted keep their
/// quotes then.
bool IsContextWord(std::string_view upper);

class Printer {
 public:
  std::string Take() { return std::move(out_); }

  void Write(const Statement& statement);
  void Write(const Query& query);
  void Write(const Expression& expression) { WriteOperand(expression, 0); }
  void Write(const DataType& type);
  void Write(const ObjectName& name);

 private:
  // --- Names, types, options (print_names.cc) ---
  void Put(std::string_view text) { out_ += text; }
  void PutString(std::string_view text);
  void Write(const Identifier& name);
  void WriteParts(const std::vector<Identifier>& parts);
  void Write(const StageReference& stage);
  void Write(const Option& option);
  void Write(const OptionValue& value);
  void Write(const TagAssignment& tag);
  void Write(const TypeField& field);
  void WriteOptions(const std::vector<Option>& options);
  void WriteSignature(bool has_signature, const std::vector<DataType>& signature);
  /// Elements with `separator` between them.
  template <typename T>
  void WriteList(const std::vector<T>& elements, std::string_view separator = ", ") {
    bool first = true;
    for (const T& element : elements) {
      if (!first) Put(separator);
      first = false;
      Write(element);
    }
  }
  template <typename T>
  void WriteParenthesized(const std::vector<T>& elements) {
    Put("(");
    WriteList(elements);
    Put(")");
  }
  /// ` (a, b)`, or nothing for no elements.
  template <typename T>
  void WriteOptionalList(const std::vector<T>& elements) {
    if (elements.empty()) return;
    Put(" ");
    WriteParenthesized(elements);
  }
  /// `words` and the value, or nothing.
  template <typename T>
  void WriteClause(std::string_view words, const std::optional<T>& value) {
    if (!value) return;
    Put(words);
    Write(*value);
  }
  template <typename T>
  void Write(const Box<T>& box) {
    Write(*box);
  }

  // --- Expressions (print_expression.cc, print_call.cc) ---
  void WriteOperand(const Expression& expression, int least);
  void Write(const Literal& literal);
  void Write(const TypedLiteral& literal);
  void Write(const IntervalLiteral& literal);
  void Write(const ColumnReference& column);
  void Write(const PositionalColumn& column);
  void Write(const SessionVariable& variable);
  void Write(const BindVariable& bind);
  void Write(const DefaultValue&);
  void Write(const Unary& node);
  void Write(const Binary& node);
  void Write(const Logical& node);
  void Write(const IsTest& node);
  void Write(const DistinctFrom& node);
  void Write(const PatternMatch& node);
  void Write(const Between& node);
  void Write(const InList& node);
  void Write(const InQuery& node);
  void Write(const QuantifiedComparison& node);
  void Write(const Cast& node);
  void Write(const Collate& node);
  void Write(const Extract& node);
  void Write(const Path& node);
  void Write(const OuterMark& node);
  void Write(const Case& node);
  void Write(const Row& node);
  void Write(const ArrayConstant& node);
  void Write(const ObjectConstant& node);
  void Write(const ObjectEntry& entry);
  void Write(const Star& node);
  void Write(const StarReplacement& replacement);
  void Write(const StarRename& rename);
  void Write(const Lambda& node);
  void Write(const LambdaParameter& parameter);
  void Write(const ScalarSubquery& node);
  void Write(const Exists& node);
  void Write(const TableArgument& node);
  void Write(const FunctionCall& call);
  void Write(const Argument& argument);
  void Write(const OrderItem& item);
  void WriteDirection(bool descending, NullOrder nulls);
  void Write(const WindowSpecification& window);
  void Write(const WindowFrame& frame);
  void Write(const FrameEdge& edge);
  void WriteQuery(const Query& query);

  // --- Queries (print_query.cc) ---
  void Write(const CommonTable& table);
  void Write(const Select& select);
  void Write(const SelectItem& item);
  void Write(const Values& values);
  void Write(const SetOperation& operation);
  void Write(const NestedQuery& nested);
  void Write(const GroupingElement& element);
  void Write(const NamedWindow& window);
  void Write(const TableExpression& table);
  void WriteTableOperand(const TableExpression& table);
  void Write(const NamedTable& table);
  void Write(const PipedResult& result);
  void Write(const DerivedTable& table);
  void Write(const TableFunction& function);
  void Write(const StagedFiles& files);
  void Write(const DirectoryTable& table);
  void Write(const Join& join);
  void Write(const Pivot& pivot);
  void Write(const Unpivot& unpivot);
  void Write(const PivotValue& value);
  void Write(const TableAlias& alias);
  void Write(const TimeTravel& point);
  void Write(const Changes& changes);
  void Write(const Sample& sample);

  // --- Rows and files (print_dml.cc) ---
  void Write(const QueryStatement& statement);
  void Write(const Insert& statement);
  void Write(const MultiTableInsert& statement);
  void Write(const InsertTarget& target);
  void Write(const ColumnAssignment& assignment);
  void Write(const Update& statement);
  void Write(const Delete& statement);
  void Write(const Merge& statement);
  void Write(const MergeClause& clause);
  void Write(const Truncate& statement);
  void Write(const FileLocation& location);
  void Write(const CopyIntoTable& statement);
  void Write(const CopyIntoLocation& statement);
  void Write(const FileTransfer& statement);
  void Write(const StageCommand& statement);

  // --- Sessions (print_session.cc) ---
  void Write(const TransactionControl& statement);
  void Write(const Use& statement);
  void Write(const SetVariables& statement);
  void Write(const UnsetVariables& statement);
  void Write(const Show& statement);
  void Write(const ShowScope& scope);
  void Write(const Describe& statement);
  void Write(const Explain& statement);
  void Write(const Flow& statement);
  void Write(const Call& statement);
  void Write(const ExecuteImmediate& statement);
  void Write(const ExecuteTask& statement);
  void Write(const Grant& statement);
  void Write(const GrantTarget& target);

  // --- Objects (print_create.cc, print_alter.cc) ---
  void Write(const CreateHead& head);
  void Write(const CopySource& source);
  void Write(const Constraint& constraint);
  void Write(const PolicyUse& use);
  void Write(const AutoIncrement& increment);
  void Write(const ColumnDefinition& column);
  void Write(const CreateTable& statement);
  void Write(const CreateView& statement);
  void Write(const CreateObject& statement);
  void Write(const CreateStream& statement);
  void Write(const CreateTask& statement);
  void Write(const CreateRoutine& statement);
  void WriteRoutineTail(const CreateRoutine& routine);
  void Write(const RoutineArgument& argument);
  void Write(const AlterObject& statement);
  void Write(const RenameTo& action);
  void Write(const SwapWith& action);
  void Write(const SetOptions& action);
  void Write(const UnsetOptions& action);
  void Write(const Perform& action);
  void Write(const AddColumns& action);
  void Write(const DropColumns& action);
  void Write(const RenameColumn& action);
  void Write(const AlterColumns& action);
  void Write(const ColumnChange& change);
  void Write(const AddConstraint& action);
  void Write(const RenameConstraint& action);
  void Write(const ChangeConstraint& action);
  void Write(const ClusterBy& action);
  void Write(const ChangePolicy& action);
  void Write(const ChangePredecessors& action);
  void Write(const ModifyBody& action);
  void Write(const ModifyCondition& action);
  void Write(const DropObject& statement);
  void Write(const UndropObject& statement);
  void Write(const Comment& statement);

  // --- Snowflake Scripting (print_scripting.cc) ---
  void NewLine();
  void WriteBody(const std::vector<Statement>& body);
  void WriteLabel(const std::optional<Identifier>& label);
  void WriteInParentheses(const Statement& statement);
  void Write(const Block& block);
  void Write(const Declaration& declaration);
  void Write(const Let& statement);
  void Write(const Assignment& statement);
  void Write(const If& statement);
  void Write(const CaseStatement& statement);
  void Write(const ForRows& statement);
  void Write(const ForCounter& statement);
  void Write(const While& statement);
  void Write(const Repeat& statement);
  void Write(const Loop& statement);
  void Write(const Jump& statement);
  void Write(const OpenCursor& statement);
  void Write(const FetchCursor& statement);
  void Write(const CloseCursor& statement);
  void Write(const Return& statement);
  void Write(const Raise& statement);
  void Write(const NullStatement&);
  void Write(const AsyncStatement& statement);
  void Write(const Await& statement);
  void Write(const Cancel& statement);

  std::string out_;
  int indent_ = 0;
};

}  // namespace tarn::sql::syntax
