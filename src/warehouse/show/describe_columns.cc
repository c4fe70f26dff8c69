// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>

#include "warehouse/show/describe_parts.h"

namespace tarn::warehouse {
namespace {

Value YesOrNo(bool set) { return std::string(set ? "Y" : "N"); }

bool IsIn(const std::vector<Constraint>& constraints, ConstraintKind kind,
          const std::string& column) {
  return std::ranges::any_of(constraints, [&](const Constraint& constraint) {
    return constraint.kind == kind &&
           std::ranges::find(constraint.columns, column) != constraint.columns.end();
  });
}

Value DefaultOf(const Column& column) {
  if (column.default_sql) return *column.default_sql;
  if (!column.identity) return {};
  return fmt::format("IDENTITY START {} INCREMENT {} {}", column.identity->start,
                     column.identity->increment, column.identity->ordered ? "ORDER" : "NOORDER");
}

std::string TypeText(const Column& column) {
  std::string text = sql::ToString(column.type);
  if (!column.collation.empty()) text += fmt::format(" COLLATE '{}'", column.collation);
  return text;
}

}  // namespace

RowSet DescribeColumns(const std::vector<Column>& columns,
                       const std::vector<Constraint>& constraints) {
  RowSet set{.columns = {{"name"},
                         {"type"},
                         {"kind"},
                         {"null?"},
                         {"default"},
                         {"primary key"},
                         {"unique key"},
                         {"check"},
                         {"expression"},
                         {"comment"},
                         {"policy name"},
                         {"privacy domain"}},
             .rows = {}};
  for (const Column& column : columns) {
    set.rows.push_back(
        {column.name, TypeText(column), std::string("COLUMN"), YesOrNo(column.nullable),
         DefaultOf(column), YesOrNo(IsIn(constraints, ConstraintKind::kPrimaryKey, column.name)),
         YesOrNo(IsIn(constraints, ConstraintKind::kUnique, column.name)), Value(), Value(),
         column.comment.empty() ? Value() : Value(column.comment), Value(), Value()});
  }
  return set;
}

std::string TimeText(int64_t ms) {
  using std::chrono::milliseconds;
  const std::chrono::sys_time<milliseconds> time{milliseconds(ms)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03} +0000",
                     static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

}  // namespace tarn::warehouse
