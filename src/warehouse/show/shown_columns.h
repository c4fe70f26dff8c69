// SPDX-License-Identifier: Apache-2.0
// How the columns of SHOW are told: per kind a table of names and functions from an object to a
// value. The functions that many kinds share are here.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/time_units.h"
#include "warehouse/show/row_set.h"
#include "warehouse/show/show_context.h"

namespace tarn::warehouse {

/// One column of SHOW for a kind.
template <typename Noun>
struct Shown {
  ShownColumn column;
  Value (*value)(const ShowContext& context, const Object<Noun>& object);
};

inline Value Timestamp(int64_t ms) { return ms * kMicrosecondsPerMs; }
inline Value Timestamp(const std::optional<int64_t>& ms) { return ms ? Timestamp(*ms) : Value(); }
inline Value TextOf(std::string_view text) { return std::string(text); }

#define TARN_SHOWN(name)                                  \
  template <typename Noun>                                \
  Value name([[maybe_unused]] const ShowContext& context, \
             [[maybe_unused]] const Object<Noun>& object)

TARN_SHOWN(CreatedOn) { return Timestamp(object.head.created_ms); }
TARN_SHOWN(UpdatedOn) { return Timestamp(object.head.altered_ms); }
TARN_SHOWN(DroppedOn) { return Timestamp(object.head.dropped_ms); }
TARN_SHOWN(Name) { return object.head.name; }
TARN_SHOWN(Id) { return std::to_string(object.head.id.value()); }
TARN_SHOWN(DatabaseName) { return TextOf(context.lister().DatabaseName(object.head)); }
TARN_SHOWN(SchemaName) { return TextOf(context.lister().SchemaName(object.head)); }
TARN_SHOWN(Owner) { return context.NameOf(object.head.owner); }
TARN_SHOWN(OwnerRoleType) { return context.OwnerTypeOf(object.head.owner); }
TARN_SHOWN(Comment) { return object.head.comment; }
TARN_SHOWN(Retention) { return context.RetentionDays(object.head); }
TARN_SHOWN(EmptyText) { return std::string(); }
TARN_SHOWN(Null) { return Value(); }
TARN_SHOWN(Zero) { return int64_t{0}; }
TARN_SHOWN(No) { return std::string("N"); }
TARN_SHOWN(False) { return std::string("false"); }
TARN_SHOWN(Off) { return std::string("OFF"); }

#undef TARN_SHOWN

/// A member as it is: text, number, or the name of the object whose id it is.
template <auto Member, typename Noun>
Value Of(const ShowContext& context, const Object<Noun>& object) {
  const auto& member = object.value.*Member;
  using T = std::remove_cvref_t<decltype(member)>;
  if constexpr (std::is_same_v<T, std::optional<ObjectId>>) {
    return member ? context.NameOf(*member) : std::string();
  } else if constexpr (std::is_same_v<T, ObjectId>) {
    return context.NameOf(member);
  } else if constexpr (std::is_enum_v<T>) {
    return TextOf(ToString(member));
  } else if constexpr (std::is_same_v<T, bool>) {
    return std::string(member ? "true" : "false");
  } else if constexpr (std::is_same_v<T, std::optional<int64_t>>) {
    return member ? Value(*member) : Value();
  } else {
    return member;
  }
}
template <auto Member, typename Noun>
Value YesNo(const ShowContext&, const Object<Noun>& object) {
  return std::string(object.value.*Member ? "Y" : "N");
}
template <auto Member, typename Noun>
Value OnOff(const ShowContext&, const Object<Noun>& object) {
  return std::string(object.value.*Member ? "ON" : "OFF");
}
template <auto Member, typename Noun>
Value When(const ShowContext&, const Object<Noun>& object) {
  return Timestamp(object.value.*Member);
}
/// NULL for a text that is empty.
template <auto Member, typename Noun>
Value TextOrNull(const ShowContext&, const Object<Noun>& object) {
  const std::string& text = object.value.*Member;
  return text.empty() ? Value() : Value(text);
}

template <typename Noun>
RowSet Tabulate(const ShowContext& context, std::span<const Shown<Noun>> columns,
                const std::vector<Object<Noun>>& objects) {
  RowSet set;
  for (const Shown<Noun>& shown : columns) set.columns.push_back(shown.column);
  for (const Object<Noun>& object : objects) {
    std::vector<Value>& row = set.rows.emplace_back();
    for (const Shown<Noun>& shown : columns) row.push_back(shown.value(context, object));
  }
  return set;
}

/// Without columns of these names: `dropped_on` but for HISTORY, all but some for TERSE.
template <typename Noun>
std::vector<Shown<Noun>> WithColumns(std::span<const Shown<Noun>> columns,
                                     const std::function<bool(std::string_view)>& keeps) {
  std::vector<Shown<Noun>> kept;
  for (const Shown<Noun>& shown : columns) {
    if (keeps(shown.column.name)) kept.push_back(shown);
  }
  return kept;
}

}  // namespace tarn::warehouse
