// SPDX-License-Identifier: Apache-2.0
#include "server/catalogues/short_names.h"

#include <fmt/core.h>

namespace tarn::server::catalogues {
namespace {

constexpr size_t kNameBytesMax = 63;  // PostgreSQL's NAMEDATALEN − 1

/// The longest beginning of at most so many bytes that cuts no character of UTF-8.
std::string_view Beginning(std::string_view name, size_t bytes) {
  if (name.size() <= bytes) return name;
  while (bytes > 0 && (static_cast<uint8_t>(name[bytes]) & 0xc0) == 0x80) --bytes;
  return name.substr(0, bytes);
}

std::string Numbered(std::string_view name, int64_t number, size_t marks = 1) {
  const std::string end = fmt::format("{}{}", std::string(marks, '~'), number);
  return std::string(Beginning(name, kNameBytesMax - end.size())) + end;
}

}  // namespace

std::string ShortName(std::string_view name, int64_t number) {
  return name.size() <= kNameBytesMax ? std::string(name) : Numbered(name, number);
}

std::string ShortNames::Add(std::string_view name, int64_t number) {
  std::string chosen = ShortName(name, number);
  for (size_t marks = 1; !taken_.insert(chosen).second; ++marks) {
    chosen = Numbered(name, number, marks);
  }
  return chosen;
}

}  // namespace tarn::server::catalogues
