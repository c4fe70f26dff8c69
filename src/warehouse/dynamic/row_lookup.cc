// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/row_lookup.h"

#include <algorithm>
#include <utility>

#include "warehouse/session/failures.h"

namespace tarn::warehouse {
namespace {

using ColumnNumbers = std::vector<size_t>;

StatementFailure MissingRow() {
  return std::unexpected(AsStatementError(
      Error{ErrorKind::kInternal, "a row that is to go is not in the dynamic table", {}, {}}));
}

bool IsFloat(const Type& type) {
  return type.kind == TypeKind::kDouble || type.kind == TypeKind::kFloat || type.is_nested();
}

std::string List(std::string_view prefix, const ColumnNumbers& columns) {
  std::string list;
  for (const size_t column : columns) {
    list += fmt::format("{}{}c{}", list.empty() ? "" : ", ", prefix, column);
  }
  return list;
}

class Lookup {
 public:
  Lookup(const DeltaTables& tables, const std::string& net, const engine::QueryTable& target)
      : tables_(tables), net_(net), target_(target) {
    for (size_t i = 0; i < target.columns.size(); ++i) {
      all_.push_back(i);
      if (!IsFloat(target.columns[i].field.type)) exact_.push_back(i);
    }
  }

  StatementResult<std::unique_ptr<engine::KeptTable>> Find() {
    STATEMENT_TRY(Describe());
    if (exact_.size() > 1) {
      const size_t best =
          *std::ranges::max_element(exact_, {}, [&](size_t column) { return distinct_[column]; });
      STATEMENT_ASSIGN(auto found, FindBy({best}, false));
      if (found != nullptr) return found;
    }
    if (!exact_.empty()) {
      STATEMENT_ASSIGN(auto found, FindBy(exact_, exact_.size() == all_.size()));
      if (found != nullptr) return found;
    }
    return FindBy(all_, true);
  }

 private:
  /// Of the rows that go: values of each column, about, and whether any is null.
  StatementResult<> Describe() {
    std::string text = "SELECT CAST(0 AS BIGINT)";
    for (const size_t column : all_) {
      text += fmt::format(", CAST(approx_count_distinct(c{0}) AS BIGINT), count(*) - count(c{0})",
                          column);
    }
    text += fmt::format(" FROM {} WHERE c{} < 0", net_, all_.size());
    STATEMENT_ASSIGN(const auto numbers, tables_.Numbers(text, 1 + 2 * all_.size()));
    for (const size_t column : all_) {
      distinct_.push_back(numbers[1 + 2 * column]);
      has_null_.push_back(numbers[2 + 2 * column] > 0);
    }
    return {};
  }

  /// Null: more rows are alike in these columns than go, and `any` of them will not do.
  StatementResult<std::unique_ptr<engine::KeptTable>> FindBy(const ColumnNumbers& columns,
                                                             bool any) {
    std::string same;
    for (const size_t column : columns) {
      same += fmt::format("{0}t.c{1} {2} n.c{1}", same.empty() ? "" : " AND ", column,
                          has_null_[column] ? "IS NOT DISTINCT FROM" : "=");
    }
    // Without a column there is one sort of rows.
    if (columns.empty()) same = "TRUE";
    const std::string keys = List("", columns);
    const std::string wanted = fmt::format(
        "SELECT {0}{1}CAST(-sum(c{2}) AS BIGINT) AS w, row_number() OVER () AS k FROM {3} WHERE "
        "c{2} < 0{4}{0}",
        keys, keys.empty() ? "" : ", ", all_.size(), net_, keys.empty() ? "" : " GROUP BY ");
    const std::string text = fmt::format(
        "WITH n AS MATERIALIZED ({}) SELECT t.r, n.w, n.k, row_number() OVER (PARTITION BY n.k) "
        "FROM tarn_table(0) AS t JOIN n ON {}",
        wanted, same);
    STATEMENT_ASSIGN(auto found, tables_.Keep(engine::NewKeptTableName(), text, 4, {target_}));
    STATEMENT_ASSIGN(
        const auto counts,
        tables_.Numbers(fmt::format("SELECT (SELECT CAST(coalesce(-sum(c{0}), 0) AS BIGINT) FROM "
                                    "{1} WHERE c{0} < 0), count(*), count(*) FILTER (WHERE c3 <= "
                                    "c1) FROM {2}",
                                    all_.size(), net_, found->name()),
                        3));
    const int64_t gone = counts[0], alike = counts[1], taken = counts[2];
    if (taken < gone) return MissingRow();
    if (alike == taken) return found;
    if (!any) return std::unique_ptr<engine::KeptTable>();
    STATEMENT_TRY(tables_.Change(fmt::format("DELETE FROM {} WHERE c3 > c1", found->name())));
    return found;
  }

  const DeltaTables& tables_;
  const std::string& net_;
  const engine::QueryTable& target_;
  ColumnNumbers all_, exact_;
  std::vector<int64_t> distinct_;
  std::vector<bool> has_null_;
};

}  // namespace

StatementResult<std::unique_ptr<engine::KeptTable>> FindGoneRows(const DeltaTables& tables,
                                                                 const std::string& net,
                                                                 const engine::QueryTable& target) {
  return Lookup(tables, net, target).Find();
}

}  // namespace tarn::warehouse
