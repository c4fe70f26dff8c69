// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/parameters.h"

#include <charconv>

namespace tarn::warehouse {
namespace {

constexpr int64_t kMsPerDay = 86'400'000;

}  // namespace

Result<std::optional<ParameterValue>> FindParameter(const Snapshot& snapshot, ObjectId object,
                                                    std::string_view name) {
  for (;;) {
    TARN_ASSIGN(auto value,
                SelectOne<std::string>(snapshot.connection(),
                                       "SELECT value FROM parameter WHERE object_id = ? AND "
                                       "name = ?",
                                       object, name));
    if (value) {
      return ParameterValue{
          .name = std::string(name), .value = *std::move(value), .set_on = object};
    }
    if (object == kAccountId) return std::nullopt;
    TARN_ASSIGN(const auto head, snapshot.FindHead(object));
    object = head ? head->container : kAccountId;
  }
}

Result<std::vector<ParameterValue>> ParametersOf(const Snapshot& snapshot, ObjectId object) {
  TARN_ASSIGN(
      Rows rows,
      Select(snapshot.connection(),
             "SELECT name, value FROM parameter WHERE object_id = ? ORDER BY name", object));
  std::vector<ParameterValue> parameters;
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return parameters;
    parameters.push_back({std::string(rows.Text(0)), std::string(rows.Text(1)), object});
  }
}

Result<std::unordered_map<ObjectId, std::string>> ValuesOf(const Snapshot& snapshot,
                                                           std::string_view name) {
  TARN_ASSIGN(Rows rows, Select(snapshot.connection(),
                                "SELECT object_id, value FROM parameter WHERE name = ?", name));
  std::unordered_map<ObjectId, std::string> values;
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return values;
    values[ObjectId(rows.Int(0))] = rows.Text(1);
  }
}

Result<> SetParameter(Transaction& transaction, ObjectId object, std::string_view name,
                      std::string_view value) {
  return Execute(transaction.connection(),
                 "INSERT INTO parameter (object_id, name, value) VALUES (?, ?, ?) "
                 "ON CONFLICT (object_id, name) DO UPDATE SET value = excluded.value",
                 object, name, value);
}

Result<> UnsetParameter(Transaction& transaction, ObjectId object, std::string_view name) {
  return Execute(transaction.connection(), "DELETE FROM parameter WHERE object_id = ? AND name = ?",
                 object, name);
}

Result<int64_t> RetentionMs(const Snapshot& snapshot, ObjectId object) {
  TARN_ASSIGN(const auto value, FindParameter(snapshot, object, kRetentionParameter));
  int64_t days = kRetentionDaysDefault;
  if (value) {
    const std::string& text = value->value;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), days);
    if (parsed.ec != std::errc() || days < 0 || days > 90) {
      return Fail(ErrorKind::kCorruption, "parameter {} is \"{}\"", kRetentionParameter, text);
    }
  }
  return days * kMsPerDay;
}

}  // namespace tarn::warehouse
