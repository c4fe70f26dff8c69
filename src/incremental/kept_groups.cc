// SPDX-License-Identifier: Apache-2.0
#include "incremental/kept_groups.h"

#include <fmt/core.h>

#include <utility>

#include "incremental/bound_terms.h"
#include "incremental/inlined.h"

namespace tarn::incremental {
namespace {

using sql::bound::CallKind;
using sql::bound::Expression;
using sql::bound::Relation;
using sql::bound::RelationKind;
using sql::bound::Select;

/// A table of the engine, by its name.
Relation Named(const std::string& name, size_t columns, int32_t id) {
  return {.kind = RelationKind::kCall,
          .id = id,
          .pattern = name,
          .column_count = static_cast<int32_t>(columns)};
}

std::string Column(std::string_view table, size_t column) {
  return fmt::format("{}.c{}", table, column);
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

/// c0, c1, …
std::vector<std::string> Columns(size_t begin, size_t end) {
  std::vector<std::string> columns;
  for (size_t i = begin; i < end; ++i) columns.push_back(fmt::format("c{}", i));
  return columns;
}

}  // namespace

bool KeptGroups::Applies(const Select& select) {
  if (!select.from || select.qualify) return false;
  bool windows = false;
  for (const Expression& item : select.items) {
    ForEachExpression(item, [&](const Expression& each) { windows |= each.window != nullptr; });
  }
  if (windows) return false;
  if (!select.grouped) return select.distinct;
  if (select.distinct || select.grouping_sets.size() != 1) return false;
  const std::vector<int32_t>& keys = select.grouping_sets[0];
  for (size_t i = 0; i < select.items.size(); ++i) {
    const bool is_key = i < keys.size();
    if (is_key && keys[i] != static_cast<int32_t>(i)) return false;
    if (is_key == (select.items[i].call == CallKind::kAggregate)) return false;
  }
  return true;
}

KeptGroups::KeptGroups(const Select& select) {
  const size_t keys = select.grouped ? select.grouping_sets[0].size() : select.items.size();
  for (size_t i = 0; i < select.items.size(); ++i) {
    if (i < keys) {
      keys_.push_back(select.items[i]);
      continue;
    }
    const KeptAggregate& added = aggregates_.emplace_back(select.items[i]);
    parts_ += added.parts().size();
    inputs_ += added.inputs().size();
  }
}

Select KeptGroups::Groups(Relation from, std::optional<Expression> where) const {
  Select groups{.items = keys_, .from = std::move(from), .grouped = true};
  groups.where = std::move(where);
  groups.grouping_sets.emplace_back();
  for (size_t i = 0; i < keys_.size(); ++i) {
    groups.grouping_sets[0].push_back(static_cast<int32_t>(i));
  }
  Expression rows = Call("count(*)", {}, WeightType());
  rows.call = CallKind::kAggregate;
  groups.items.push_back(std::move(rows));
  for (const KeptAggregate& each : aggregates_) {
    groups.items.insert(groups.items.end(), each.parts().begin(), each.parts().end());
  }
  return groups;
}

Select KeptGroups::ChangedRows(Relation from, Expression weight,
                               std::optional<Expression> condition) const {
  Select rows{.items = keys_, .from = std::move(from)};
  rows.where = std::move(condition);
  for (const KeptAggregate& each : aggregates_) {
    rows.items.insert(rows.items.end(), each.inputs().begin(), each.inputs().end());
  }
  rows.items.push_back(std::move(weight));
  return rows;
}

std::string KeptGroups::SameKeys(const std::string& left, const std::string& right) const {
  if (keys_.empty()) return "TRUE";
  std::string all;
  for (size_t i = 0; i < keys_.size(); ++i) {
    all += fmt::format("{}{} IS NOT DISTINCT FROM {}", i > 0 ? " AND " : "", Column(left, i),
                       Column(right, i));
  }
  return all;
}

std::string KeptGroups::TouchedText(const std::string& changed_rows,
                                    const std::string& kept) const {
  const size_t keys = keys_.size();
  const std::vector<std::string> whole = Columns(0, keys + inputs_);
  const std::string list = Joined(whole);
  const std::string by_row = whole.empty() ? "" : " GROUP BY " + list;
  const std::string key_list = Joined(Columns(0, keys));
  const std::string by_key = keys == 0 ? "" : " GROUP BY " + key_list;
  std::vector<std::string> changes, old, merged;
  std::string lost;
  size_t input = keys, part = keys + 1, change = 0;
  for (const KeptAggregate& each : aggregates_) {
    for (std::string& text :
         each.Changes([&](size_t i) { return fmt::format("c{}", input + i); })) {
      changes.push_back(fmt::format("{} AS d{}", text, changes.size()));
    }
    const auto before = [&](size_t i) { return Column("s", part + i); };
    const auto changed = [&](size_t i) { return fmt::format("d.d{}", change + i); };
    for (std::string& text : each.Merged(before, changed)) merged.push_back(std::move(text));
    const std::string gone = each.Lost(before, changed);
    if (!gone.empty()) lost += (lost.empty() ? "" : " OR ") + gone;
    for (size_t i = 0; i < each.parts().size(); ++i) old.push_back(before(i));
    input += each.inputs().size();
    part += each.parts().size();
    change = changes.size();
  }
  const std::string before_rows = fmt::format("coalesce({}, 0)", Column("s", keys));
  std::vector<std::string> result;
  for (size_t i = 0; i < keys; ++i) result.push_back(Column("d", i));
  result.push_back(before_rows);
  result.push_back(before_rows + " + d.n");
  result.push_back(lost.empty() ? "FALSE"
                                : fmt::format("({}) AND ({} OR {} + d.n > 0)", lost,
                                              keys == 0 ? "TRUE" : "FALSE", before_rows));
  result.insert(result.end(), old.begin(), old.end());
  result.insert(result.end(), merged.begin(), merged.end());
  changes.insert(changes.begin(), "CAST(coalesce(sum(w), 0) AS BIGINT) AS n");
  const auto separated = [](const std::string& columns) {
    return columns.empty() ? columns : columns + ", ";
  };
  return fmt::format(
      "WITH net AS MATERIALIZED (SELECT {0}CAST(sum(w) AS BIGINT) AS w FROM ({1}) AS x({0}w){2} "
      "HAVING sum(w) <> 0), d AS MATERIALIZED (SELECT {3}{4} FROM net{5}) SELECT {6} FROM d LEFT "
      "JOIN {7} AS s ON {8}",
      separated(list), changed_rows, by_row, separated(key_list), Joined(changes), by_key,
      Joined(result), kept, SameKeys("d", "s"));
}

std::string KeptGroups::CheckText(const std::string& touched) const {
  const size_t keys = keys_.size();
  std::string null = "FALSE";
  for (size_t i = 0; i < keys; ++i) null += fmt::format(" OR c{} IS NULL", i);
  return fmt::format(
      "SELECT count(*) FILTER (WHERE c{0}), count(*) FILTER (WHERE c{0} AND ({1})), count(*) "
      "FILTER (WHERE c{2} < 0) FROM {3}",
      keys + 2, null, keys + 1, touched);
}

Select KeptGroups::LostKeys(const std::string& touched, int32_t relation) const {
  Select lost{.from = Named(touched, touched_columns(), relation)};
  for (size_t i = 0; i < keys_.size(); ++i) {
    lost.items.push_back(ColumnOf(relation, i, keys_[i].carrier));
  }
  lost.where = ColumnOf(relation, keys_.size() + 2, Type::Primitive(TypeKind::kBoolean));
  return lost;
}

std::string KeptGroups::RenewText(const std::string& touched, const std::string& renewed) const {
  std::vector<std::string> set;
  const size_t keys = keys_.size();
  for (size_t i = 0; i < parts_; ++i) {
    set.push_back(fmt::format("c{} = r.c{}", keys + 3 + parts_ + i, keys + 1 + i));
  }
  // The group is there, or nobody would have looked for it.
  if (set.empty()) return "SELECT 0";
  return fmt::format("UPDATE {} AS t SET {} FROM {} AS r WHERE t.c{} AND {}", touched, Joined(set),
                     renewed, keys + 2, SameKeys("t", "r"));
}

std::string KeptGroups::ApplyText(const std::string& kept, const std::string& touched) const {
  const size_t keys = keys_.size();
  std::vector<std::string> set = {fmt::format("c{} = t.c{}", keys, keys + 1)};
  std::vector<std::string> row = Columns(0, keys);
  row.push_back(fmt::format("c{}", keys + 1));
  for (size_t i = 0; i < parts_; ++i) {
    set.push_back(fmt::format("c{} = t.c{}", keys + 1 + i, keys + 3 + parts_ + i));
    row.push_back(fmt::format("c{}", keys + 3 + parts_ + i));
  }
  std::string text = fmt::format("UPDATE {} AS s SET {} FROM {} AS t WHERE {}", kept, Joined(set),
                                 touched, SameKeys("s", "t"));
  if (keys == 0) return text;
  text += fmt::format(" AND t.c{0} <> 0 AND t.c{1} <> 0; ", keys, keys + 1);
  text += fmt::format("DELETE FROM {} AS s USING {} AS t WHERE {} AND t.c{} = 0; ", kept, touched,
                      SameKeys("s", "t"), keys + 1);
  text += fmt::format("INSERT INTO {} SELECT {} FROM {} WHERE c{} = 0 AND c{} <> 0", kept,
                      Joined(row), touched, keys, keys + 1);
  return text;
}

Select KeptGroups::RowsOf(const std::string& table, size_t columns, int32_t relation,
                          size_t rows_column, size_t first_part,
                          std::optional<Expression> weight) const {
  Select rows{.from = Named(table, columns, relation)};
  for (size_t i = 0; i < keys_.size(); ++i) {
    rows.items.push_back(ColumnOf(relation, i, keys_[i].carrier));
  }
  const Expression count = ColumnOf(relation, rows_column, WeightType());
  size_t part = first_part;
  for (const KeptAggregate& each : aggregates_) {
    std::vector<Expression> parts;
    for (const Expression& value : each.parts()) {
      parts.push_back(ColumnOf(relation, part++, value.carrier));
    }
    rows.items.push_back(each.Value(std::move(parts), count));
  }
  if (weight) rows.items.push_back(*std::move(weight));
  if (!keys_.empty()) {
    rows.where = Call("({0} <> 0)", {count}, Type::Primitive(TypeKind::kBoolean));
  }
  return rows;
}

Select KeptGroups::RowsBefore(const std::string& touched, int32_t relation,
                              std::optional<Expression> weight) const {
  const size_t keys = keys_.size();
  return RowsOf(touched, touched_columns(), relation, keys, keys + 3, std::move(weight));
}

Select KeptGroups::RowsAfter(const std::string& touched, int32_t relation,
                             std::optional<Expression> weight) const {
  const size_t keys = keys_.size();
  return RowsOf(touched, touched_columns(), relation, keys + 1, keys + 3 + parts_,
                std::move(weight));
}

Select KeptGroups::KeptRows(const std::string& kept, int32_t relation) const {
  const size_t keys = keys_.size();
  return RowsOf(kept, kept_columns(), relation, keys, keys + 1, std::nullopt);
}

Select KeptGroups::UntouchedRows(const std::string& kept, const std::string& touched,
                                 int32_t relation, int32_t touched_relation) const {
  Select rows = KeptRows(kept, relation);
  std::vector<Expression> mine;
  for (size_t i = 0; i < keys_.size(); ++i) {
    mine.push_back(ColumnOf(relation, i, keys_[i].carrier));
  }
  Select same{.from = Named(touched, touched_columns(), touched_relation)};
  same.items.push_back(Weight(1));
  if (!mine.empty()) same.where = SameRow(mine, touched_relation);
  Expression untouched{.kind = sql::bound::ExpressionKind::kSubquery,
                       .carrier = Type::Primitive(TypeKind::kBoolean),
                       .pattern = "NOT EXISTS ({q})",
                       .query = QueryOf(std::move(same), {WeightColumn()})};
  rows.where = And(std::move(rows.where), std::move(untouched));
  return rows;
}

}  // namespace tarn::incremental
