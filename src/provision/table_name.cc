// SPDX-License-Identifier: Apache-2.0
#include "provision/table_name.h"

#include <algorithm>

namespace tarn::provision {
namespace {

// As PostgreSQL's scanner has it: bytes of other alphabets count as letters.
bool StartsIdentifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool ContinuesIdentifier(char c) {
  return StartsIdentifier(c) || (c >= '0' && c <= '9') || c == '$';
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Takes `"…"` off the text; a doubled quote stands for one.
std::optional<std::string> TakeQuoted(std::string_view& text) {
  std::string part;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '"') {
      part += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '"') {
      part += text[i++];
    } else {
      text.remove_prefix(i + 1);
      if (part.empty()) return std::nullopt;
      return part;
    }
  }
  return std::nullopt;
}

std::optional<std::string> TakeIdentifier(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  if (text.front() == '"') return TakeQuoted(text);
  if (!StartsIdentifier(text.front())) return std::nullopt;
  std::string part;
  while (!text.empty() && ContinuesIdentifier(text.front())) {
    part += Lower(text.front());
    text.remove_prefix(1);
  }
  return part;
}

std::string Quoted(const std::string& part) {
  const bool plain =
      !part.empty() && StartsIdentifier(part.front()) &&
      std::ranges::all_of(part, [](char c) { return ContinuesIdentifier(c) && Lower(c) == c; });
  if (plain) return part;
  std::string quoted = "\"";
  for (const char c : part) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::optional<TableName> ParseTableName(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  TableName name;
  for (std::string* part : {&name.database, &name.schema, &name.table}) {
    if (part != &name.database) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
    auto taken = TakeIdentifier(text);
    if (!taken) return std::nullopt;
    *part = std::move(*taken);
  }
  if (!text.empty()) return std::nullopt;
  return name;
}

std::string ToString(const TableName& name) {
  return Quoted(name.database) + "." + Quoted(name.schema) + "." + Quoted(name.table);
}

}  // namespace tarn::provision
