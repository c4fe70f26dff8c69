// SPDX-License-Identifier: Apache-2.0
// The SQL that stores and reads nouns, made of their Fields once per kind.
#pragma once

#include <string>

#include "warehouse/metastore/stored_nouns.h"
#include "warehouse/objects/object.h"

namespace tarn::warehouse {

/// Statements about the table of one kind (`id` and the noun's fields). The texts live for ever.
struct KindStatements {
  std::string insert;     ///< id, fields
  std::string update;     ///< fields, id
  std::string select_id;  ///< fields of one id
  /// Session; head's fields and the noun's, of `object o JOIN <kind> k`, as kShownObjects; a WHERE
  /// may follow.
  std::string select_joined;
};

/// What a moment shows of `object`: what is everybody's, and what one session ('': none) has for
/// itself.
inline constexpr std::string_view kShownObjects =
    "(SELECT * FROM object WHERE session IN ('', ?)) o";

template <typename T>
std::string FieldList(std::string_view before, std::string_view after) {
  std::string list;
  ForEachField<T>([&](const auto& field) {
    if (!list.empty()) list += ", ";
    list += std::string(before) + std::string(field.name) + std::string(after);
  });
  return list;
}

template <typename Noun>
const KindStatements& StatementsOf() {
  static const KindStatements kStatements = [] {
    const std::string table(FactsOf(Noun::kKind).stored);
    std::string marks = "?";
    for (int i = 0; i < kFieldCount<Noun>; ++i) marks += ", ?";
    return KindStatements{
        .insert = "INSERT INTO " + table + " (id, " + FieldList<Noun>("", "") + ") VALUES (" +
                  marks + ")",
        .update = "UPDATE " + table + " SET " + FieldList<Noun>("", " = ?") + " WHERE id = ?",
        .select_id = "SELECT " + FieldList<Noun>("", "") + " FROM " + table + " WHERE id = ?",
        .select_joined = "SELECT " + FieldList<ObjectHead>("o.", "") + ", " +
                         FieldList<Noun>("k.", "") + " FROM " + std::string(kShownObjects) +
                         " JOIN " + table + " k ON k.id = o.id"};
  }();
  return kStatements;
}

/// "SELECT <head> FROM object o": conditions follow. Of all objects, whosever they are.
inline const std::string kSelectHead =
    "SELECT " + FieldList<ObjectHead>("o.", "") + " FROM object o";
/// The same of those that are shown (kShownObjects): session.
inline const std::string kSelectShownHead =
    "SELECT " + FieldList<ObjectHead>("o.", "") + " FROM " + std::string(kShownObjects);

}  // namespace tarn::warehouse
