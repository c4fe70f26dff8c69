// SPDX-License-Identifier: Apache-2.0
#include "engine/functions/variant_path.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "engine/functions/variant_text.h"

namespace tarn::engine {

namespace {

/// The text in quotes at the front, with backslashes before what they keep.
std::optional<std::string> TakeQuoted(std::string_view& text) {
  const char quote = text[0];
  std::string key;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      key.push_back(text[++i]);
    } else if (text[i] == quote) {
      text.remove_prefix(i + 1);
      return key;
    } else {
      key.push_back(text[i]);
    }
  }
  return std::nullopt;
}

bool IsQuote(std::string_view text) { return text.starts_with('"') || text.starts_with('\''); }

/// Behind the `[`.
std::optional<PathStep> TakeIndex(std::string_view& text) {
  PathStep step;
  if (IsQuote(text)) {
    auto key = TakeQuoted(text);
    if (!key) return std::nullopt;
    step.key = *std::move(key);
  } else {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step.index);
    if (error != std::errc() || step.index < 0) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
  }
  if (!text.starts_with(']')) return std::nullopt;
  text.remove_prefix(1);
  return step;
}

bool IsPlainKey(std::string_view key) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !key.empty() && letter(key[0]) && std::ranges::all_of(key, [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '$';
  });
}

}  // namespace

std::optional<std::vector<PathStep>> ParsePath(std::string_view path) {
  std::vector<PathStep> steps;
  if (path.starts_with(':')) path.remove_prefix(1);
  while (!path.empty()) {
    if (path.starts_with('[')) {
      path.remove_prefix(1);
      auto step = TakeIndex(path);
      if (!step) return std::nullopt;
      steps.push_back(*std::move(step));
      continue;
    }
    if (!steps.empty()) {
      if (!path.starts_with('.') && !path.starts_with(':')) return std::nullopt;
      path.remove_prefix(1);
    }
    PathStep step;
    if (IsQuote(path)) {
      auto key = TakeQuoted(path);
      if (!key) return std::nullopt;
      step.key = *std::move(key);
    } else {
      const size_t size = std::min(path.find_first_of(".[:"), path.size());
      step.key = path.substr(0, size);
      path.remove_prefix(size);
    }
    if (step.key.empty()) return std::nullopt;
    steps.push_back(std::move(step));
  }
  return steps;
}

std::optional<std::string_view> ValueAt(std::string_view value, const std::vector<PathStep>& path) {
  for (const PathStep& step : path) {
    const auto next = step.index >= 0 ? ElementOf(value, step.index) : FieldOf(value, step.key);
    if (!next) return std::nullopt;
    value = *next;
  }
  return value;
}

std::string PathToField(std::string_view path, std::string_view key) {
  if (IsPlainKey(key)) return fmt::format("{}{}{}", path, path.empty() ? "" : ".", key);
  std::string quoted;
  for (const char c : key) {
    if (c == '\'' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return fmt::format("{}['{}']", path, quoted);
}

std::string PathToElement(std::string_view path, int64_t index) {
  return fmt::format("{}[{}]", path, index);
}

}  // namespace tarn::engine
