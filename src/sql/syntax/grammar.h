// SPDX-License-Identifier: Apache-2.0
// The grammar: one method per production, by subject in parse_<subject>.cc. A production is called
// with the cursor at its first token and leaves it behind its last one, or throws SyntaxFailure.
// TryX answers nothing, and takes nothing, where no X begins; AtX only looks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sql/syntax/statement.h"
#include "sql/syntax/token_cursor.h"

namespace tarn::sql::syntax {

class Grammar : public TokenCursor {
 public:
  using TokenCursor::TokenCursor;

  // What a text may be as a whole.
  Statement ParseStatement();
  Query ParseQuery();
  Expression ParseExpression();
  ObjectName ParseObjectName();
  DataType ParseDataType();
  Statement ParseScriptingStatement();
  /// A semicolon may stand behind a statement, and nothing else.
  void ExpectEnd();

 private:
  static constexpr int kOperandLevel = 5;  ///< what stands beside a comparison
  static constexpr int kUnaryLevel = 7;    ///< tighter than every binary operator

  // --- Statements (parse_statement.cc) ---
  Statement MakeStatement(uint32_t begin, StatementValue value);
  Statement ParseOneStatement();
  Statement ParseQueryOrCall();

  // --- Queries (parse_query.cc) ---
  bool AtQueryStart() const;
  bool AtSetOperator() const;
  bool AtQueryContinuation() const;
  bool AtParenthesizedQuery() const;
  Query ParseParenthesizedQuery();
  Query ContinueQuery(Query first);
  CommonTable ParseCommonTable();
  static bool HasClauses(const Query& query);
  static Query Nest(Query query);
  Query ParseSetOperand();
  Query ParseQueryTail(uint32_t begin, Query first);
  Query ParseSetChain(uint32_t begin, Query left);
  Query ParseIntersections(uint32_t begin, Query left);
  SetOperation ParseSetWords();
  Query Combine(uint32_t begin, const SetOperation& words, Query left, Query right);
  Values ParseValues();
  std::vector<Expression> ParseRowValues();
  Expression ParseValueOrDefault();
  void ParseQueryClauses(Query& query);
  void ParseOffset(RowLimit& limit);
  Select ParseSelect();
  void ParseSelectList(Select& select);
  bool AtClauseWord() const;
  std::vector<Expression> ParseTargets();
  void ParseHierarchy(Select& select);
  void ParseGroupBy(Select& select);
  GroupingElement ParseGroupingElement();
  bool IsGroupInParentheses() const;
  void ParseNamedWindows(Select& select);

  // --- FROM items (parse_from.cc) ---
  TableExpression MakeTable(uint32_t begin, TableExpressionValue value);
  TableExpression ParseTableExpression();
  bool AtJoin() const;
  TableExpression ParseJoin(uint32_t begin, TableExpression left);
  void ParseJoinCondition(Join& join);
  TableExpression ParseTableFactor();
  TableExpression ParseTablePrimary();
  bool AtLateralCall() const;
  void ParseTimeTravelClauses(NamedTable& table);
  TableExpression ParseParenthesizedTable(bool lateral);
  TableExpression ParseStagedFiles();
  TableExpression ParseDirectory();
  TableExpression ParseTableFunction(bool lateral);
  void ParseTableAlias(TableExpressionNode& table);
  bool AtTableAlias() const;
  bool AtTimeTravel() const;
  TimeTravel ParseTimeTravel();
  Changes ParseChanges();
  Sample ParseSample();
  PivotValue ParsePivotValue();
  TableExpression ParsePivot(uint32_t begin, TableExpression input);
  TableExpression ParseUnpivot(uint32_t begin, TableExpression input);

  // --- Operators (parse_expression.cc) ---
  Expression Make(uint32_t begin, ExpressionValue value);
  Expression NullExpression() const;
  Expression ParsePrefix(int least);
  Expression ParseBinary(int least);
  Expression ParseArithmetic(uint32_t begin, Expression left, BinaryOperator op, int level);
  Expression ParseLogical(uint32_t begin, Expression left, LogicalOperator op, Keyword word,
                          int level);
  Expression ParseComparison(uint32_t begin, Expression left, BinaryOperator op);
  bool AtPredicate() const;
  Expression ParsePredicate(uint32_t begin, Expression operand);
  Expression ParseIs(uint32_t begin, Expression operand);
  Expression ParseIn(uint32_t begin, Expression operand, bool negated);
  Expression ParsePatternMatch(uint32_t begin, Expression operand, bool negated);
  Expression ParsePostfix(uint32_t begin, Expression operand);
  bool AtPathStep(const Expression& operand) const;
  Expression ParsePath(uint32_t begin, Expression operand);

  // --- Operands (parse_primary.cc) ---
  Expression ParsePrimary();
  Expression ParseVariable();
  StageReference ParseStage();
  Expression ParseParenthesized();
  bool AtLambda() const;
  Expression ParseLambda();
  Expression ParseArray();
  Expression ParseObject();
  Expression ParseWordOperand();
  std::optional<Expression> TryTypedLiteral();
  std::string ParseIntervalQualifier();
  Expression ParseCase();
  Expression ParseCast();
  Expression ParseExtract();
  Expression ParseTableArgument();

  // --- Names, calls, stars, windows (parse_call.cc) ---
  std::vector<ObjectName> ParseObjectNames();
  std::vector<Identifier> ParseColumnNames();
  Expression ParseNameOrCall();
  bool AtReservedFunction() const;
  static bool IsBareFunction(const Identifier& word);
  Expression ParseCall(uint32_t begin, ObjectName name);
  Expression ParsePositionNeedle();
  Argument ParseArgument();
  Expression ParseArgumentValue();
  std::vector<Argument> ParseArgumentList();
  void ParseNullTreatment(FunctionCall& call);
  void ParseCallClauses(FunctionCall& call);
  bool AtStar() const;
  Expression ParseStar();
  void ParseStarReplacements(Star& star);
  std::vector<OrderItem> ParseOrderItems();
  void ParseOrderDirection(bool& descending, NullOrder& nulls);
  WindowSpecification ParseWindow();
  std::vector<Expression> ParseExpressions();
  WindowFrame ParseFrame();
  FrameEdge ParseFrameEdge();

  // --- Data types (parse_data_type.cc) ---
  void ParseTypeNameTail(Identifier& name);
  void ParseTypeArguments(DataType& type);
  std::vector<DataType> ParseSignature();

  // --- Options, tags, policies, kinds of objects (parse_option.cc) ---
  OptionValue MakeOptionValue(
      uint32_t begin,
      std::variant<Expression, ObjectName, OptionList, OptionGroup, OptionTags> value);
  bool AtOption() const;
  Option ParseOption();
  Option FlagOption(uint32_t begin, std::string key);
  Option ValueOption(uint32_t begin, std::string key, OptionValue value);
  std::vector<Option> ParseOptions();
  OptionValue ParseOptionValue();
  ObjectName ParseOptionName();
  OptionValue ParseOptionParentheses();
  std::vector<TagAssignment> ParseTagAssignments();
  std::optional<Option> TryTagOption();
  std::string_view PolicyKindAt(size_t ahead) const;
  bool AtPolicy() const;
  std::string TakePolicyKind();
  PolicyUse ParsePolicy();
  bool AtPhrase(size_t ahead, std::string_view phrase) const;
  bool AcceptPhrase(std::string_view phrase);
  std::optional<ObjectKind> TryObjectKind();
  size_t MatchedWords(std::string_view phrase) const;
  ObjectKind ParseObjectKind();
  std::optional<ObjectKind> TryPluralKind();

  // --- Rows (parse_dml.cc) ---
  StatementValue ParseInsert();
  StatementValue ParseMultiTableInsert(bool overwrite);
  std::vector<InsertTarget> ParseInsertTargets();
  std::optional<TableAlias> TryTargetAlias();
  ColumnAssignment ParseColumnAssignment();
  StatementValue ParseUpdate();
  StatementValue ParseDelete();
  StatementValue ParseMerge();
  MergeClause ParseMergeClause();
  StatementValue ParseTruncate();

  // --- Files (parse_copy.cc) ---
  FileLocation ParseFileLocation();
  StatementValue ParseCopy();
  StatementValue ParseCopyIntoLocation();
  std::string ParseLocalFile();
  StatementValue ParsePut();
  void ParseTransferStage(FileTransfer& transfer);
  StatementValue ParseGet();
  StatementValue ParseStageCommand();

  // --- Sessions (parse_session.cc) ---
  bool AtTransactionBegin() const;
  StatementValue ParseTransaction();
  StatementValue ParseUse();
  StatementValue ParseSet();
  StatementValue ParseUnset();
  StatementValue ParseExplain();
  StatementValue ParseCallStatement();
  StatementValue ParseCallWithProcedure();
  StatementValue ParseExecute();

  // --- SHOW and DESCRIBE (parse_show.cc) ---
  StatementValue ParseShow();
  void ParseShowClauses(Show& show);
  ShowScope ParseShowScope();
  StatementValue ParseDescribe();

  // --- GRANT and REVOKE (parse_grant.cc) ---
  StatementValue ParseGrant();
  bool AtRoleGrant() const;
  std::string TakeRoleKind();
  std::string ParsePrivilege();
  GrantTarget ParseGrantTarget();
  void ParseGrantee(Grant& grant);

  // --- CREATE, DROP, COMMENT (parse_create.cc) ---
  StatementValue ParseCreate();
  void ParseCreateModifiers(CreateHead& head);
  StatementValue ParseCreated(CreateHead head);
  StatementValue ParseCreateObject(CreateHead head);
  bool ParseObjectClause(CreateObject& object);
  OptionList ParseStringList();
  void ParseSequenceClause(std::vector<Option>& options);
  StatementValue ParseCreateStream(CreateHead head);
  StatementValue ParseCreateTask(CreateHead head);
  ObjectName ParseTaskName();
  StatementValue ParseDrop();
  StatementValue ParseUndrop();
  StatementValue ParseComment();

  // --- Tables and views (parse_create_table.cc) ---
  StatementValue ParseCreateTable(CreateHead head);
  bool ParseTableClause(CreateTable& table);
  bool ParseTableOption(std::vector<Option>& options);
  CopySource ParseCopySource();
  std::vector<Expression> ParseClusterKeys();
  StatementValue ParseCreateView(CreateHead head);

  // --- Columns and constraints (parse_column.cc) ---
  bool AtConstraint() const;
  Constraint ParseConstraint(bool with_columns);
  std::vector<std::string> ParseConstraintProperties();
  AutoIncrement ParseAutoIncrement();
  ColumnDefinition ParseColumnDefinition();
  bool AtColumnClause() const;
  bool ParseColumnClause(ColumnDefinition& column);
  void ParseTableElements(CreateTable& table);

  // --- Functions and procedures (parse_routine.cc) ---
  void ParseRoutineTail(CreateRoutine& routine);
  RoutineArgument ParseRoutineArgument();
  bool ParseRoutineClause(CreateRoutine& routine);
  void ParseReturns(CreateRoutine& routine);
  void ParseRoutineBody(CreateRoutine& routine);

  // --- ALTER (parse_alter.cc) ---
  StatementValue ParseAlter();
  bool AtAlteredName(ObjectKind kind) const;
  AlterAction ParseAlterAction(ObjectKind kind);
  std::vector<ObjectName> ParseTaskNames();
  AlterAction ParseAlterSet(ObjectKind kind);
  bool AtSetPhrase(size_t ahead) const;
  bool ParseSetClause(ObjectKind kind, std::vector<Option>& options);
  AlterAction ParseAlterUnset();
  AlterAction ParsePerform();

  // --- ALTER of columns and constraints (parse_alter_table.cc) ---
  std::optional<AlterAction> TryTableAction();
  AlterAction ParsePolicyChange();
  std::optional<AlterAction> TryAddAction();
  std::optional<AlterAction> TryDropAction();
  std::optional<AlterAction> TryRenameAction();
  AlterAction ParseConstraintChange(bool drop);
  std::optional<AlterAction> TryModifyAction();
  ColumnChange ParseColumnChange();
  std::vector<TagAssignment> ParseColumnTags();

  // --- Snowflake Scripting (parse_scripting.cc) ---
  StatementValue ParseBlock();
  ExceptionHandler ParseHandler();
  std::vector<Statement> ParseStatements();
  bool AtStatementsEnd() const;
  bool AtAssignment() const;
  Declaration ParseDeclaration();
  StatementValue ParseLet();
  bool AtParenthesizedCommand() const;
  Statement ParseParenthesizedStatement();
  StatementValue ParseAssignment();
  StatementValue ParseIf();
  StatementValue ParseCaseStatement();
  std::optional<Identifier> TryLabel();
  std::vector<Statement> ParseLoopBody(Keyword loop);
  StatementValue ParseFor();
  StatementValue ParseWhile();
  StatementValue ParseRepeat();
  StatementValue ParseLoop();
  StatementValue ParseJump();
  StatementValue ParseOpen();
  StatementValue ParseFetch();
  StatementValue ParseClose();
  StatementValue ParseReturn();
  StatementValue ParseRaise();
  StatementValue ParseNull();
  StatementValue ParseAwait();
  StatementValue ParseCancel();
  StatementValue ParseAsync();

  /// Where the last set operation ended, so that only what is not in parentheses extends its chain.
  uint32_t chain_open_ = 0;
};

}  // namespace tarn::sql::syntax
