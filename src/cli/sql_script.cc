// SPDX-License-Identifier: Apache-2.0
#include "cli/sql_script.h"

#include <algorithm>

#include "sql/syntax/lexer.h"
#include "sql/syntax/script.h"

namespace tarn::cli {
namespace {

namespace syntax = sql::syntax;

constexpr size_t kShownBytes = 200;

}  // namespace

Result<std::vector<ScriptStatement>> SplitStatements(const SqlScript& script) {
  TARN_ASSIGN(const auto spans, syntax::SplitScript(script.text));
  std::vector<ScriptStatement> statements;
  for (const syntax::Span& span : spans) {
    statements.push_back(
        {.text = std::string(syntax::TextOf(script.text, span)), .offset = span.begin});
  }
  return statements;
}

size_t LineAt(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  return 1 + static_cast<size_t>(std::ranges::count(before, '\n'));
}

std::string ShowPlace(std::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  const size_t newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  const std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  if (line.size() > kShownBytes) return "";
  const std::string head = fmt::format("LINE {}: ", LineAt(text, offset));
  std::string mark(head.size(), ' ');
  for (const char c : line.substr(0, offset - begin)) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) mark += c == '\t' ? '\t' : ' ';
  }
  return fmt::format("{}{}\n{}^\n", head, line, mark);
}

std::optional<size_t> CompleteUpTo(const std::string& typed) {
  const auto tokens = syntax::Tokenize(typed);
  const auto spans = syntax::SplitScript(typed);
  if (!tokens || !spans) return std::nullopt;
  const size_t last_end = spans->empty() ? 0 : spans->back().end;
  std::optional<size_t> complete;
  for (const syntax::Token& token : *tokens) {
    const bool ends = token.kind == syntax::TokenKind::kSemicolon && token.span.begin >= last_end;
    if (ends) complete = token.span.end;
  }
  return complete;
}

}  // namespace tarn::cli
