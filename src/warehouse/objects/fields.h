// SPDX-License-Identifier: Apache-2.0
// What the plain values of this folder consist of, told once: the metastore stores them by it
// (metastore/stored_value.h), so that a noun and its table cannot drift apart.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace tarn::warehouse {

/// A member of a noun and the name under which it is stored.
template <typename Owner, typename Member>
struct Field {
  std::string_view name;
  Member Owner::* member;
};
template <typename Owner, typename Member>
Field(const char*, Member Owner::*) -> Field<Owner, Member>;

/// Specialised beside each struct: `static constexpr auto kAll = std::tuple{Field{…}, …}`.
template <typename T>
struct Fields;

template <typename T>
concept HasFields = requires { Fields<T>::kAll; };

/// Specialised beside each enum: `static constexpr std::array kAll = {std::pair{value, name}, …}`.
/// Names are Snowflake's spelling, which SHOW prints; they are stored, so never change one.
template <typename E>
struct EnumNames;

template <typename E>
using EnumName = std::pair<E, std::string_view>;

template <typename E>
  requires requires { EnumNames<E>::kAll; }
constexpr std::string_view ToString(E value) {
  for (const auto& [known, name] : EnumNames<E>::kAll) {
    if (known == value) return name;
  }
  return {};
}

template <typename E>
  requires requires { EnumNames<E>::kAll; }
constexpr std::optional<E> FromString(std::string_view name) {
  for (const auto& [value, known] : EnumNames<E>::kAll) {
    if (known == name) return value;
  }
  return std::nullopt;
}

/// Bytes that are no text.
struct Bytes {
  std::string bytes;
  bool operator==(const Bytes&) const = default;
};

}  // namespace tarn::warehouse
