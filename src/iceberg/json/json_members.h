// SPDX-License-Identifier: Apache-2.0
// Reading JSON documents of others: every failure is Corruption and names the member.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn::iceberg {

using Json = nlohmann::json;

/// Parses a whole document; Corruption when it is no JSON or is nested beyond what any table needs
/// (recursion over the document must not exhaust the stack). `what` names the document in the
/// message.
Result<Json> ParseJson(std::string_view text, std::string_view what);

/// The members of one object. Refers to the document, which must outlive it. JSON null counts as
/// absent.
class JsonMembers {
 public:
  /// `place` says where the object stands, e.g. "snapshots[3]"; may be empty for the document
  /// itself.
  static Result<JsonMembers> Of(const Json& value, std::string place);

  /// Null if absent.
  const Json* Find(std::string_view name) const;
  bool Has(std::string_view name) const { return Find(name) != nullptr; }

  Result<int64_t> Int64(std::string_view name) const;
  Result<int32_t> Int32(std::string_view name) const;
  Result<std::string> String(std::string_view name) const;
  Result<bool> Bool(std::string_view name) const;
  /// The array itself.
  Result<const Json*> Array(std::string_view name) const;

  Result<std::optional<int64_t>> OptionalInt64(std::string_view name) const;
  Result<std::optional<int32_t>> OptionalInt32(std::string_view name) const;
  Result<std::optional<std::string>> OptionalString(std::string_view name) const;
  /// Null if absent.
  Result<const Json*> OptionalArray(std::string_view name) const;
  /// Empty if absent.
  Result<std::vector<int32_t>> Int32s(std::string_view name) const;
  Result<std::vector<int64_t>> Int64s(std::string_view name) const;
  Result<std::vector<std::string>> Strings(std::string_view name) const;
  template <typename Id>
  Result<std::vector<Id>> Ids(std::string_view name) const {
    if constexpr (sizeof(typename Id::ValueType) == sizeof(int32_t)) {
      TARN_ASSIGN(const std::vector<int32_t> numbers, Int32s(name));
      return std::vector<Id>(numbers.begin(), numbers.end());
    } else {
      TARN_ASSIGN(const std::vector<int64_t> numbers, Int64s(name));
      return std::vector<Id>(numbers.begin(), numbers.end());
    }
  }

  /// "snapshots[3].manifest-list"
  std::string PlaceOf(std::string_view name) const;
  std::string PlaceOf(std::string_view name, size_t index) const;
  const Json& json() const { return *object_; }

  std::unexpected<Error> Missing(std::string_view name) const;
  std::unexpected<Error> Malformed(std::string_view name, std::string_view expected) const;

 private:
  JsonMembers(const Json* object, std::string place) : object_(object), place_(std::move(place)) {}

  const Json* object_;
  std::string place_;
};

/// An object of strings. Numbers and booleans are taken as their text, as other readers do.
Result<std::map<std::string, std::string>> ParseStringMap(const Json& value,
                                                          std::string_view place);

/// Compact text of a value.
std::string DumpJson(const Json& value);

}  // namespace tarn::iceberg
