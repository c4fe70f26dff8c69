// SPDX-License-Identifier: Apache-2.0
// Calls, stars, lambdas, windows.
#include "sql/syntax/printer.h"

namespace tarn::sql::syntax {

void Printer::Write(const Star& node) {
  for (const Identifier& part : node.qualifier) {
    Write(part);
    Put(".");
  }
  Put("*");
  if (node.ilike) {
    Put(" ILIKE ");
    PutString(*node.ilike);
  }
  if (!node.exclude.empty()) Put(" EXCLUDE");
  WriteOptionalList(node.exclude);
  if (!node.replace.empty()) Put(" REPLACE");
  WriteOptionalList(node.replace);
  if (!node.rename.empty()) Put(" RENAME");
  WriteOptionalList(node.rename);
}

void Printer::Write(const StarReplacement& replacement) {
  Write(replacement.value);
  Put(" AS ");
  Write(replacement.name);
}

void Printer::Write(const StarRename& rename) {
  Write(rename.from);
  Put(" AS ");
  Write(rename.to);
}

void Printer::Write(const Lambda& node) {
  WriteParenthesized(node.parameters);
  Put(" -> ");
  Write(node.body);
}

void Printer::Write(const LambdaParameter& parameter) {
  Write(parameter.name);
  WriteClause(" ", parameter.type);
}

void Printer::Write(const Argument& argument) {
  if (argument.name) {
    Write(*argument.name);
    Put(" => ");
  }
  Write(argument.value);
}

void Printer::Write(const FunctionCall& call) {
  Write(call.name);
  if (call.bare) return;
  if (call.method) {
    Put("!");
    Write(*call.method);
  }
  Put(call.distinct ? "(DISTINCT " : "(");
  WriteList(call.arguments);
  Put(")");
  if (call.from_last) Put(" FROM LAST");
  if (call.nulls == NullTreatment::kIgnore) Put(" IGNORE NULLS");
  if (call.nulls == NullTreatment::kRespect) Put(" RESPECT NULLS");
  if (!call.within_group.empty()) {
    Put(" WITHIN GROUP (ORDER BY ");
    WriteList(call.within_group);
    Put(")");
  }
  if (call.over) {
    Put(" OVER ");
    Write(**call.over);
  }
}

void Printer::Write(const OrderItem& item) {
  Write(item.value);
  WriteDirection(item.descending, item.nulls);
}

void Printer::WriteDirection(bool descending, NullOrder nulls) {
  if (descending) Put(" DESC");
  if (nulls == NullOrder::kFirst) Put(" NULLS FIRST");
  if (nulls == NullOrder::kLast) Put(" NULLS LAST");
}

void Printer::Write(const WindowSpecification& window) {
  if (window.name_only && window.base) return Write(*window.base);
  Put("(");
  std::string_view separator;
  const auto part = [&](std::string_view words) {
    Put(separator);
    separator = " ";
    Put(words);
  };
  if (window.base) {
    part("");
    Write(*window.base);
  }
  if (!window.partition_by.empty()) {
    part("PARTITION BY ");
    WriteList(window.partition_by);
  }
  if (!window.order_by.empty()) {
    part("ORDER BY ");
    WriteList(window.order_by);
  }
  if (window.frame) {
    part("");
    Write(*window.frame);
  }
  Put(")");
}

void Printer::Write(const WindowFrame& frame) {
  Put(frame.unit == FrameUnit::kRows ? "ROWS " : "RANGE ");
  if (frame.end) Put("BETWEEN ");
  Write(frame.start);
  WriteClause(" AND ", frame.end);
}

void Printer::Write(const FrameEdge& edge) {
  constexpr int kOperand = 5;
  if (edge.offset) {
    WriteOperand(*edge.offset, kOperand);
    Put(" ");
  }
  switch (edge.bound) {
    case FrameBound::kUnboundedPreceding:
      return Put("UNBOUNDED PRECEDING");
    case FrameBound::kPreceding:
      return Put("PRECEDING");
    case FrameBound::kCurrentRow:
      return Put("CURRENT ROW");
    case FrameBound::kFollowing:
      return Put("FOLLOWING");
    case FrameBound::kUnboundedFollowing:
      return Put("UNBOUNDED FOLLOWING");
  }
}

}  // namespace tarn::sql::syntax
