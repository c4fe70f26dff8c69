// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/json_members.h"

#include <limits>

namespace tarn::iceberg {
namespace {

constexpr int kNestingMax = 200;

/// Depth of brackets outside strings; an estimate good enough to protect recursion, before any tree
/// is built.
bool IsNestedTooDeep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kNestingMax) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

bool IsInt64(const Json& value) {
  if (value.is_number_unsigned()) {
    return value.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  }
  return value.is_number_integer();
}

bool FitsInt32(int64_t number) {
  return number >= std::numeric_limits<int32_t>::min() &&
         number <= std::numeric_limits<int32_t>::max();
}

}  // namespace

Result<Json> ParseJson(std::string_view text, std::string_view what) {
  if (IsNestedTooDeep(text)) {
    return Fail(ErrorKind::kCorruption, "{} is nested deeper than {} levels", what, kNestingMax);
  }
  Json document = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return Fail(ErrorKind::kCorruption, "{} is not valid JSON", what);
  return document;
}

Result<JsonMembers> JsonMembers::Of(const Json& value, std::string place) {
  if (!value.is_object()) {
    return Fail(ErrorKind::kCorruption, "{} is not a JSON object",
                place.empty() ? "the document" : fmt::format("member \"{}\"", place));
  }
  return JsonMembers(&value, std::move(place));
}

const Json* JsonMembers::Find(std::string_view name) const {
  const auto found = object_->find(name);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

std::string JsonMembers::PlaceOf(std::string_view name) const {
  return place_.empty() ? std::string(name) : fmt::format("{}.{}", place_, name);
}

std::string JsonMembers::PlaceOf(std::string_view name, size_t index) const {
  return fmt::format("{}[{}]", PlaceOf(name), index);
}

std::unexpected<Error> JsonMembers::Missing(std::string_view name) const {
  return Fail(ErrorKind::kCorruption, "required member \"{}\" is missing", PlaceOf(name));
}

std::unexpected<Error> JsonMembers::Malformed(std::string_view name,
                                              std::string_view expected) const {
  return Fail(ErrorKind::kCorruption, "member \"{}\" is not {}", PlaceOf(name), expected);
}

Result<std::optional<int64_t>> JsonMembers::OptionalInt64(std::string_view name) const {
  const Json* value = Find(name);
  if (value == nullptr) return std::nullopt;
  if (!IsInt64(*value)) return Malformed(name, "a 64-bit integer");
  return value->get<int64_t>();
}

Result<std::optional<int32_t>> JsonMembers::OptionalInt32(std::string_view name) const {
  TARN_ASSIGN(const std::optional<int64_t> wide, OptionalInt64(name));
  if (!wide) return std::nullopt;
  if (!FitsInt32(*wide)) return Malformed(name, "a 32-bit integer");
  return static_cast<int32_t>(*wide);
}

Result<std::optional<std::string>> JsonMembers::OptionalString(std::string_view name) const {
  const Json* value = Find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) return Malformed(name, "a string");
  return value->get_ref<const std::string&>();
}

Result<const Json*> JsonMembers::OptionalArray(std::string_view name) const {
  const Json* value = Find(name);
  if (value != nullptr && !value->is_array()) return Malformed(name, "an array");
  return value;
}

Result<int64_t> JsonMembers::Int64(std::string_view name) const {
  TARN_ASSIGN(const std::optional<int64_t> value, OptionalInt64(name));
  if (!value) return Missing(name);
  return *value;
}

Result<int32_t> JsonMembers::Int32(std::string_view name) const {
  TARN_ASSIGN(const std::optional<int32_t> value, OptionalInt32(name));
  if (!value) return Missing(name);
  return *value;
}

Result<std::string> JsonMembers::String(std::string_view name) const {
  TARN_ASSIGN(std::optional<std::string> value, OptionalString(name));
  if (!value) return Missing(name);
  return *std::move(value);
}

Result<bool> JsonMembers::Bool(std::string_view name) const {
  const Json* value = Find(name);
  if (value == nullptr) return Missing(name);
  if (!value->is_boolean()) return Malformed(name, "a boolean");
  return value->get<bool>();
}

Result<const Json*> JsonMembers::Array(std::string_view name) const {
  TARN_ASSIGN(const Json* value, OptionalArray(name));
  if (value == nullptr) return Missing(name);
  return value;
}

Result<std::vector<int64_t>> JsonMembers::Int64s(std::string_view name) const {
  TARN_ASSIGN(const Json* array, OptionalArray(name));
  std::vector<int64_t> numbers;
  if (array == nullptr) return numbers;
  for (const Json& item : *array) {
    if (!IsInt64(item)) return Malformed(name, "an array of 64-bit integers");
    numbers.push_back(item.get<int64_t>());
  }
  return numbers;
}

Result<std::vector<int32_t>> JsonMembers::Int32s(std::string_view name) const {
  TARN_ASSIGN(const std::vector<int64_t> wide, Int64s(name));
  std::vector<int32_t> numbers;
  for (const int64_t number : wide) {
    if (!FitsInt32(number)) return Malformed(name, "an array of 32-bit integers");
    numbers.push_back(static_cast<int32_t>(number));
  }
  return numbers;
}

Result<std::vector<std::string>> JsonMembers::Strings(std::string_view name) const {
  TARN_ASSIGN(const Json* array, OptionalArray(name));
  std::vector<std::string> texts;
  if (array == nullptr) return texts;
  for (const Json& item : *array) {
    if (!item.is_string()) return Malformed(name, "an array of strings");
    texts.push_back(item.get_ref<const std::string&>());
  }
  return texts;
}

Result<std::map<std::string, std::string>> ParseStringMap(const Json& value,
                                                          std::string_view place) {
  if (!value.is_object())
    return Fail(ErrorKind::kCorruption, "member \"{}\" is not an object", place);
  std::map<std::string, std::string> map;
  for (const auto& [key, item] : value.items()) {
    if (item.is_string()) {
      map.emplace(key, item.get_ref<const std::string&>());
    } else if (item.is_number() || item.is_boolean()) {
      map.emplace(key, DumpJson(item));
    } else if (!item.is_null()) {
      return Fail(ErrorKind::kCorruption, "member \"{}.{}\" is not a string", place, key);
    }
  }
  return map;
}

std::string DumpJson(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tarn::iceberg
