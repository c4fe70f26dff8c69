// SPDX-License-Identifier: Apache-2.0
// How members of nouns are stored: numbers and texts as SQLite's own, what is nested as JSON text,
// so that the file can be read with the sqlite3 shell. By Fields and EnumNames (objects/fields.h).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "base/strong_id.h"
#include "base/uuid.h"
#include "warehouse/metastore/database.h"
#include "warehouse/objects/fields.h"

namespace tarn::warehouse {

template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <typename T>
inline constexpr bool kIsMap = false;
template <typename T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;
template <typename T>
inline constexpr bool kIsId = false;
template <typename Number, typename Tag>
inline constexpr bool kIsId<StrongId<Number, Tag>> = true;

/// Visits every field as visit(field).
template <typename T, typename Visit>
constexpr void ForEachField(Visit&& visit) {
  std::apply([&](const auto&... field) { (visit(field), ...); }, Fields<T>::kAll);
}

template <typename T>
inline constexpr int kFieldCount = std::tuple_size_v<decltype(Fields<T>::kAll)>;

// Of the library, whose templates every source would make anew.

std::unexpected<Error> BadStoredValue(std::string_view what);
std::unexpected<Error> BadStoredJson(const nlohmann::json& json);
/// Text that is no UTF-8 came from outside; better stored with marks than not at all.
std::string StoredText(const nlohmann::json& json);
Result<nlohmann::json> StoredJson(std::string_view text);

template <typename T>
nlohmann::json ToJson(const T& value) {
  if constexpr (kIsOptional<T>) {
    return value ? ToJson(*value) : nlohmann::json(nullptr);
  } else if constexpr (kIsVector<T>) {
    nlohmann::json array = nlohmann::json::array();
    for (const auto& element : value) array.push_back(ToJson(element));
    return array;
  } else if constexpr (kIsMap<T>) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [key, element] : value) object[key] = ToJson(element);
    return object;
  } else if constexpr (kIsId<T>) {
    return value.value();
  } else if constexpr (std::is_same_v<T, Uuid>) {
    return value.ToString();
  } else if constexpr (std::is_enum_v<T>) {
    return std::string(ToString(value));
  } else if constexpr (HasFields<T>) {
    nlohmann::json object = nlohmann::json::object();
    ForEachField<T>(
        [&](const auto& field) { object[std::string(field.name)] = ToJson(value.*field.member); });
    return object;
  } else {
    return value;
  }
}

template <typename T>
Result<> FromJson(const nlohmann::json& json, T& value) {
  if constexpr (kIsOptional<T>) {
    value.reset();
    if (json.is_null()) return {};
    return FromJson(json, value.emplace());
  } else if constexpr (kIsVector<T>) {
    if (!json.is_array()) return BadStoredJson(json);
    value.clear();
    for (const nlohmann::json& element : json) TARN_TRY(FromJson(element, value.emplace_back()));
    return {};
  } else if constexpr (kIsMap<T>) {
    if (!json.is_object()) return BadStoredJson(json);
    value.clear();
    for (const auto& [key, element] : json.items()) TARN_TRY(FromJson(element, value[key]));
    return {};
  } else if constexpr (kIsId<T>) {
    if (!json.is_number_integer()) return BadStoredJson(json);
    value = T(json.get<typename T::ValueType>());
    return {};
  } else if constexpr (std::is_same_v<T, Uuid>) {
    if (!json.is_string()) return BadStoredJson(json);
    TARN_ASSIGN(value, Uuid::Parse(json.get_ref<const std::string&>()));
    return {};
  } else if constexpr (std::is_enum_v<T>) {
    const auto known =
        json.is_string() ? FromString<T>(json.get_ref<const std::string&>()) : std::optional<T>();
    if (!known) return BadStoredJson(json);
    value = *known;
    return {};
  } else if constexpr (HasFields<T>) {
    if (!json.is_object()) return BadStoredJson(json);
    Result<> result;
    // A member that an earlier version did not know keeps its default.
    ForEachField<T>([&](const auto& field) {
      const auto found = json.find(std::string(field.name));
      if (result && found != json.end()) result = FromJson(*found, value.*field.member);
    });
    return result;
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!json.is_string()) return BadStoredJson(json);
    value = json.get<std::string>();
    return {};
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!json.is_boolean()) return BadStoredJson(json);
    value = json.get<bool>();
    return {};
  } else {
    static_assert(std::is_integral_v<T>);
    if (!json.is_number_integer()) return BadStoredJson(json);
    value = json.get<T>();
    return {};
  }
}

template <typename T>
void BindValue(Rows& rows, const T& value) {
  if constexpr (kIsOptional<T>) {
    if (value) {
      BindValue(rows, *value);
    } else {
      rows.BindNull();
    }
  } else if constexpr (std::is_same_v<T, Bytes>) {
    rows.BindBlob(value.bytes);
  } else if constexpr (std::is_same_v<T, Uuid>) {
    rows.BindText(value.ToString());
  } else if constexpr (kIsId<T>) {
    rows.BindInt(value.value());
  } else if constexpr (std::is_enum_v<T>) {
    rows.BindText(ToString(value));
  } else if constexpr (std::is_integral_v<T>) {
    rows.BindInt(static_cast<int64_t>(value));
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    rows.BindText(value);
  } else {
    rows.BindText(StoredText(ToJson(value)));
  }
}

template <typename T>
Result<> ReadValue(const Rows& rows, int column, T& value) {
  if constexpr (kIsOptional<T>) {
    value.reset();
    if (rows.IsNull(column)) return {};
    return ReadValue(rows, column, value.emplace());
  } else {
    if (rows.IsNull(column)) return BadStoredValue("NULL");
    if constexpr (std::is_same_v<T, Bytes>) {
      value.bytes = rows.Text(column);
    } else if constexpr (std::is_same_v<T, Uuid>) {
      TARN_ASSIGN(value, Uuid::Parse(rows.Text(column)));
    } else if constexpr (kIsId<T>) {
      value = T(rows.Int(column));
    } else if constexpr (std::is_enum_v<T>) {
      const auto known = FromString<T>(rows.Text(column));
      if (!known) return BadStoredValue(rows.Text(column));
      value = *known;
    } else if constexpr (std::is_same_v<T, bool>) {
      value = rows.Int(column) != 0;
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(rows.Int(column));
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = rows.Text(column);
    } else {
      TARN_ASSIGN(const nlohmann::json json, StoredJson(rows.Text(column)));
      return FromJson(json, value);
    }
    return {};
  }
}

/// Reads a noun from consecutive columns.
template <typename T>
Result<> ReadFields(const Rows& rows, int first_column, T& value) {
  Result<> result;
  int column = first_column;
  ForEachField<T>([&](const auto& field) {
    if (result) result = ReadValue(rows, column, value.*field.member);
    ++column;
  });
  return result;
}

template <typename T>
void BindFields(Rows& rows, const T& value) {
  ForEachField<T>([&](const auto& field) { BindValue(rows, value.*field.member); });
}

/// Runs a statement without rows.
template <typename... Values>
Result<> Execute(Connection& connection, std::string_view sql, const Values&... values) {
  TARN_ASSIGN(Rows rows, connection.Prepare(sql));
  (BindValue(rows, values), ...);
  TARN_TRY(rows.Next());
  return {};
}

/// Starts a statement with rows.
template <typename... Values>
Result<Rows> Select(Connection& connection, std::string_view sql, const Values&... values) {
  TARN_ASSIGN(Rows rows, connection.Prepare(sql));
  (BindValue(rows, values), ...);
  return rows;
}

/// The only value of the only row; absent where there is no row.
template <typename T, typename... Values>
Result<std::optional<T>> SelectOne(Connection& connection, std::string_view sql,
                                   const Values&... values) {
  TARN_ASSIGN(Rows rows, Select(connection, sql, values...));
  TARN_ASSIGN(const bool found, rows.Next());
  if (!found) return std::optional<T>();
  T value{};
  TARN_TRY(ReadValue(rows, 0, value));
  return std::optional<T>(std::move(value));
}

}  // namespace tarn::warehouse
