// SPDX-License-Identifier: Apache-2.0
#include "capture/evolution.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "iceberg/model/schema.h"

namespace tarn::capture {
namespace {

std::unexpected<Error> CannotFollow(const SourceTable& table, std::string detail) {
  return std::unexpected(Error{
      ErrorKind::kInvalidArgument,
      fmt::format("table \"{}.{}\" was changed in a way that cannot be followed", table.name.schema,
                  table.name.table),
      std::move(detail), "Remove the table, drop or rename its destination, and add it again."});
}

/// The connector's: what was dropped or renamed keeps its values under another name.
Result<Evolution> CompareMarked(std::span<const ColumnBinding> bindings,
                                const std::vector<Field>& fields, const TableLayout* before,
                                const SourceTable& after, const TargetTable& target) {
  Evolution evolution;
  std::set<int16_t> kept;
  const auto source_before = [&](int16_t number) -> const SourceColumn* {
    if (before == nullptr) return nullptr;
    const auto found =
        std::ranges::find(before->source.columns, number, &SourceColumn::attribute_number);
    return found == before->source.columns.end() ? nullptr : &*found;
  };
  for (size_t i = 0; i < after.columns.size(); ++i) {
    const SourceColumn& column = after.columns[i];
    const auto bound =
        std::ranges::find(bindings, column.attribute_number, &ColumnBinding::attribute_number);
    const auto field = bound == bindings.end()
                           ? fields.end()
                           : std::ranges::find(fields, bound->field, &Field::id);
    if (field == fields.end() || field->name != target.columns[i].name) {
      TargetColumn& came = evolution.came.emplace_back(target.columns[i]);
      if (column.missing) came.missing = {.type = column.type, .text = *column.missing};
      const auto named = std::ranges::find(fields, target.columns[i].name, &Field::name);
      const bool free =
          named != fields.end() &&
          std::ranges::find(bindings, named->id, &ColumnBinding::field) == bindings.end();
      if (free) {
        evolution.kept.push_back({column.attribute_number, named->id});
        kept.insert(column.attribute_number);
        continue;
      }
      evolution.alteration.added.push_back(came);
      continue;
    }
    if (const SourceColumn* const was = source_before(column.attribute_number)) {
      TARN_ASSIGN(const TargetType type, ConnectorTypeOf(was->type));
      if (type != target.columns[i].type) {
        return CannotFollow(after, fmt::format("Column \"{}\" was {} and is {}.", column.name,
                                               was->type.name, column.type.name));
      }
    }
    evolution.kept.push_back(*bound);
    kept.insert(column.attribute_number);
  }
  for (ColumnBinding binding : bindings) {
    const auto field = std::ranges::find(fields, binding.field, &Field::id);
    if (kept.contains(binding.attribute_number) || field == fields.end()) continue;
    const SourceColumn* const was = source_before(binding.attribute_number);
    if (binding.attribute_number > 0) {
      if (!field->name.ends_with(kDroppedSuffix)) {
        evolution.alteration.renamed[field->name] = field->name + std::string(kDroppedSuffix);
      }
      binding.attribute_number = static_cast<int16_t>(-binding.attribute_number);
    }
    if (was == nullptr) continue;
    evolution.retired.push_back(*was);
    evolution.retired.back().attribute_number = binding.attribute_number;
    evolution.retired.back().missing.reset();
    evolution.kept.push_back(binding);
  }
  return evolution;
}

/// What a mirror's columns become: fields keep their ids as long as they can.
class MirrorComparison {
 public:
  MirrorComparison(const ColumnsBefore& before, const SourceTable& after, const TargetTable& target)
      : before_(before),
        fields_(before.table->current_schema().fields),
        after_(after),
        target_(target) {}

  Result<Evolution> Run() {
    for (size_t i = 0; i < after_.columns.size(); ++i) {
      const SourceColumn& column = after_.columns[i];
      const Field* const field = BoundField(column.attribute_number);
      if (field == nullptr) {
        Come(column, target_.columns[i]);
      } else {
        TARN_TRY(Stay(column, target_.columns[i], *field));
      }
    }
    for (const ColumnBinding& binding : before_.bindings) Leave(binding);
    if (before_.layout != nullptr) RememberNames();
    return std::move(evolution_);
  }

 private:
  const Field* BoundField(int16_t number) const {
    const auto bound =
        std::ranges::find(before_.bindings, number, &ColumnBinding::attribute_number);
    if (bound == before_.bindings.end()) return nullptr;
    const auto field = std::ranges::find(fields_, bound->field, &Field::id);
    return field == fields_.end() ? nullptr : &*field;
  }

  const SourceColumn* SourceBefore(int16_t number) const {
    if (before_.layout == nullptr) return nullptr;
    const auto& columns = before_.layout->source.columns;
    const auto found = std::ranges::find(columns, number, &SourceColumn::attribute_number);
    return found == columns.end() ? nullptr : &*found;
  }

  void Come(const SourceColumn& column, const TargetColumn& target) {
    TargetColumn& came = evolution_.came.emplace_back(target);
    if (column.missing) came.missing = {.type = column.type, .text = *column.missing};
    const auto named = std::ranges::find(fields_, target.name, &Field::name);
    const bool free = named != fields_.end() &&
                      std::ranges::find(before_.bindings, named->id, &ColumnBinding::field) ==
                          before_.bindings.end();
    if (free && named->type == MirrorStorage(target.type)) {
      Keep({column.attribute_number, named->id});
      return;
    }
    if (free) evolution_.alteration.dropped.push_back(named->name);
    evolution_.alteration.added.push_back(came);
  }

  Result<> Stay(const SourceColumn& column, const TargetColumn& target, const Field& field) {
    constexpr int32_t kFormatVersion = 3;
    const auto stored = MirrorStorage(target.type);
    if (!stored) {
      return Fail(ErrorKind::kInternal, "a mirror has no columns of type {}",
                  ToString(target.type));
    }
    if (field.type != *stored &&
        !iceberg::IsPromotionAllowed(field.type, *stored, kFormatVersion)) {
      evolution_.alteration.dropped.push_back(field.name);
      evolution_.came.push_back(target);
      evolution_.alteration.added.push_back(target);
      evolution_.replaces = true;
      kept_.insert(column.attribute_number);
      return {};
    }
    const SourceColumn* const was = SourceBefore(column.attribute_number);
    const bool redeclared = was != nullptr && MirrorTypeOf(was->type) != target.type;
    if (field.type != *stored || redeclared) {
      evolution_.alteration.retyped[field.name] = target.type;
      const auto key = after_.key();
      const auto place = static_cast<size_t>(&column - after_.columns.data());
      evolution_.retypes_key |= std::ranges::find(key, place) != key.end();
    }
    if (field.name != target.name) evolution_.alteration.renamed[field.name] = target.name;
    Keep({column.attribute_number, field.id});
    return {};
  }

  void Keep(const ColumnBinding& binding) {
    evolution_.kept.push_back(binding);
    kept_.insert(binding.attribute_number);
  }

  void Leave(const ColumnBinding& binding) {
    const auto number = static_cast<int16_t>(std::abs(binding.attribute_number));
    if (kept_.contains(number)) return;
    const auto field = std::ranges::find(fields_, binding.field, &Field::id);
    if (field != fields_.end()) {
      auto& dropped = evolution_.alteration.dropped;
      if (std::ranges::find(dropped, field->name) == dropped.end()) dropped.push_back(field->name);
    }
    const ColumnBinding gone{static_cast<int16_t>(-number), binding.field};
    if (std::ranges::find(evolution_.gone, gone) == evolution_.gone.end()) {
      evolution_.gone.push_back(gone);
    }
  }

  /// Rows that the stream still describes by names of before.
  void RememberNames() {
    std::set<std::string> names;
    std::map<int16_t, const SourceColumn*> now;
    for (const SourceColumn& column : after_.columns) {
      names.insert(column.name);
      now[column.attribute_number] = &column;
    }
    for (const SourceColumn& was : before_.layout->source.columns) {
      const auto number = static_cast<int16_t>(std::abs(was.attribute_number));
      const auto field =
          std::ranges::find(evolution_.kept, number, &ColumnBinding::attribute_number);
      if (field == evolution_.kept.end() || !names.insert(was.name).second) continue;
      SourceColumn& retired = evolution_.retired.emplace_back(was);
      retired.attribute_number = static_cast<int16_t>(-number);
      retired.type = now.at(number)->type;
      retired.missing.reset();
      evolution_.kept.push_back({retired.attribute_number, field->field});
    }
  }

  const ColumnsBefore& before_;
  const std::vector<Field>& fields_;
  const SourceTable& after_;
  const TargetTable& target_;
  std::set<int16_t> kept_;
  Evolution evolution_;
};

/// Whether rows of the stream may have values of the field under this name of the destination: of
/// one that is gone, any that it ever had.
bool HasName(const iceberg::TableMetadata& table, FieldId field, std::string_view name) {
  const Field* const now = table.current_schema().FindField(field);
  if (now != nullptr)
    return now->name == name || now->name == fmt::format("{}{}", name, kDroppedSuffix);
  return std::ranges::any_of(table.schemas, [&](const iceberg::Schema& schema) {
    const Field* const then = schema.FindField(field);
    return then != nullptr && then->name == name;
  });
}

bool IsSame(int16_t was, int16_t is, CaptureMode mode) {
  // A mirror's column is the same under its names of before.
  return was == is || (mode == CaptureMode::kMirror && was == -is);
}

}  // namespace

Result<Evolution> CompareColumns(const ColumnsBefore& before, const SourceTable& after,
                                 const TargetTable& target, CaptureMode mode) {
  if (mode == CaptureMode::kMirror) return MirrorComparison(before, after, target).Run();
  return CompareMarked(before.bindings, before.table->current_schema().fields, before.layout, after,
                       target);
}

bool ReusesName(const ColumnsBefore& before, const SourceTable& after, const TargetTable& target,
                CaptureMode mode) {
  for (size_t i = 0; i < after.columns.size(); ++i) {
    const SourceColumn& column = after.columns[i];
    const std::string& name = target.columns[i].name;
    if (before.layout != nullptr) {
      const bool reused =
          std::ranges::any_of(before.layout->source.columns, [&](const SourceColumn& was) {
            return was.name == column.name &&
                   !IsSame(was.attribute_number, column.attribute_number, mode);
          });
      if (reused) return true;
      if (mode == CaptureMode::kConnector) continue;
    }
    for (const ColumnBinding& binding : before.bindings) {
      if (IsSame(binding.attribute_number, column.attribute_number, mode)) continue;
      if (HasName(*before.table, binding.field, name)) return true;
    }
  }
  return false;
}

}  // namespace tarn::capture
