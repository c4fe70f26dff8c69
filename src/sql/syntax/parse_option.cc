// SPDX-License-Identifier: Apache-2.0
// Options of objects, tags, kinds of objects.
#include <algorithm>

#include "sql/syntax/grammar.h"

namespace tarn::sql::syntax {

OptionValue Grammar::MakeOptionValue(
    uint32_t begin,
    std::variant<Expression, ObjectName, OptionList, OptionGroup, OptionTags> value) {
  return OptionValue(OptionValueNode{Since(begin), std::move(value)});
}

/// `KEY =`, where the key is any word.
bool Grammar::AtOption() const { return At(TokenKind::kWord) && IsKind(1, TokenKind::kEqual); }

Option Grammar::ParseOption() {
  const uint32_t begin = Begin();
  Option option{.span = {}, .key = {}, .value = {}};
  option.key = AtString() ? TakeString() : TakeUpperWord();
  Expect(TokenKind::kEqual);
  option.value = ParseOptionValue();
  option.span = Since(begin);
  return option;
}

Option Grammar::FlagOption(uint32_t begin, std::string key) {
  return {Since(begin), std::move(key), {}};
}

Option Grammar::ValueOption(uint32_t begin, std::string key, OptionValue value) {
  return {Since(begin), std::move(key), std::move(value)};
}

/// As many options as stand here, with or without commas between them.
std::vector<Option> Grammar::ParseOptions() {
  std::vector<Option> options;
  while (AtOption() ||
         (At(TokenKind::kComma) && IsKind(1, TokenKind::kWord) && IsKind(2, TokenKind::kEqual))) {
    (void)Accept(TokenKind::kComma);
    options.push_back(ParseOption());
  }
  return options;
}

OptionValue Grammar::ParseOptionValue() {
  const uint32_t begin = Begin();
  if (At(TokenKind::kLeftParenthesis)) return ParseOptionParentheses();
  const Token& token = Peek();
  const bool constant = AtAny({"TRUE", "FALSE", "NULL"});
  if (!constant && (token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedWord)) {
    if (IsKind(1, TokenKind::kLeftParenthesis) && !At("IDENTIFIER"))
      return MakeOptionValue(begin, ParseExpression());
    return MakeOptionValue(begin, ParseOptionName());
  }
  if (token.kind == TokenKind::kMinus || token.kind == TokenKind::kPlus) {
    const Token& sign = Take();
    if (!At(TokenKind::kNumber)) FailHere();
    const UnaryOperator op =
        sign.kind == TokenKind::kMinus ? UnaryOperator::kNegate : UnaryOperator::kPlus;
    return MakeOptionValue(begin, Make(begin, Unary{op, ParsePrimary()}));
  }
  return MakeOptionValue(begin, ParsePrimary());
}

/// A word or a name; words that are reserved elsewhere are values here.
ObjectName Grammar::ParseOptionName() {
  if (AtIdentifier()) return ParseObjectName();
  const uint32_t begin = Begin();
  ObjectName name;
  name.parts.push_back(TakeAnyWord());
  name.span = Since(begin);
  return name;
}

OptionValue Grammar::ParseOptionParentheses() {
  const Level level(*this);
  const uint32_t begin = Begin();
  Expect(TokenKind::kLeftParenthesis);
  if (AtOption() || (AtString() && IsKind(1, TokenKind::kEqual))) {
    OptionGroup group;
    do {
      group.options.push_back(ParseOption());
      (void)Accept(TokenKind::kComma);
    } while (!At(TokenKind::kRightParenthesis));
    Expect(TokenKind::kRightParenthesis);
    return MakeOptionValue(begin, std::move(group));
  }
  OptionList list;
  while (!At(TokenKind::kRightParenthesis)) {
    list.values.push_back(ParseOptionValue());
    // Lists of groups are written with and without commas.
    if (!Accept(TokenKind::kComma) && !At(TokenKind::kLeftParenthesis)) break;
  }
  Expect(TokenKind::kRightParenthesis);
  return MakeOptionValue(begin, std::move(list));
}

// --- Tags, policies
// -----------------------------------------------------------------------------------------

std::vector<TagAssignment> Grammar::ParseTagAssignments() {
  std::vector<TagAssignment> tags;
  do {
    ObjectName name = ParseObjectName();
    Expect(TokenKind::kEqual);
    tags.push_back({std::move(name), ParsePrimary()});
  } while (Accept(TokenKind::kComma));
  return tags;
}

/// [WITH] TAG (a = 'x', …), [WITH] CONTACT (a = c, …), or nothing.
std::optional<Option> Grammar::TryTagOption() {
  const uint32_t begin = Begin();
  const size_t ahead = At("WITH") ? 1 : 0;
  const bool tag = IsWord(ahead, "TAG");
  if ((!tag && !IsWord(ahead, "CONTACT")) || !IsKind(ahead + 1, TokenKind::kLeftParenthesis))
    return std::nullopt;
  (void)Accept("WITH");
  Take();
  if (!tag) {
    OptionValue contacts = ParseOptionValue();
    return ValueOption(begin, "CONTACT", std::move(contacts));
  }
  Expect(TokenKind::kLeftParenthesis);
  OptionTags tags{ParseTagAssignments()};
  Expect(TokenKind::kRightParenthesis);
  OptionValue value = MakeOptionValue(begin, std::move(tags));
  return ValueOption(begin, "TAG", std::move(value));
}

/// The kind of the policy whose words stand at `ahead`, empty if none does.
std::string_view Grammar::PolicyKindAt(size_t ahead) const {
  for (const std::string_view kind : {"MASKING", "PROJECTION", "AGGREGATION", "JOIN"}) {
    if (IsWordText(ahead, kind) && IsWord(ahead + 1, "POLICY")) return kind;
  }
  if (IsWord(ahead, "ROW") && IsWord(ahead + 1, "ACCESS")) return "ROW ACCESS";
  if (IsWord(ahead, "STORAGE") && IsWord(ahead + 1, "LIFECYCLE")) return "STORAGE LIFECYCLE";
  return {};
}

bool Grammar::AtPolicy() const { return !PolicyKindAt(At("WITH") ? 1 : 0).empty(); }

std::string Grammar::TakePolicyKind() {
  std::string kind(PolicyKindAt(0));
  if (kind.empty()) FailHere();
  Take();
  if (kind.find(' ') != std::string::npos) Take();
  if (!Accept("POLICIES")) Expect("POLICY");
  return kind;
}

PolicyUse Grammar::ParsePolicy() {
  (void)Accept("WITH");
  PolicyUse use{.kind = TakePolicyKind(), .policy = ParseObjectName(), .columns = {}};
  if (Accept("ON") || Accept("USING") || AcceptAll({"ENTITY", "KEY"}) ||
      AcceptAll({"ALLOWED", "JOIN", "KEYS"})) {
    use.columns = ParseColumnNames();
  }
  return use;
}

// --- Kinds of objects
// ---------------------------------------------------------------------------------------

namespace {

size_t WordCount(std::string_view words) {
  return 1 + static_cast<size_t>(std::count(words.begin(), words.end(), ' '));
}

}  // namespace

/// Whether the words, one blank between them, stand at `ahead`.
bool Grammar::AtPhrase(size_t ahead, std::string_view phrase) const {
  while (!phrase.empty()) {
    const size_t blank = phrase.find(' ');
    const std::string_view word = phrase.substr(0, blank);
    if (!IsWordText(ahead++, word)) return false;
    phrase = blank == std::string_view::npos ? std::string_view() : phrase.substr(blank + 1);
  }
  return true;
}

bool Grammar::AcceptPhrase(std::string_view phrase) {
  if (!AtPhrase(0, phrase)) return false;
  MoveTo(Index() + WordCount(phrase));
  return true;
}

std::optional<ObjectKind> Grammar::TryObjectKind() {
  for (const ObjectKindWords& words : ObjectKinds()) {
    if (AcceptPhrase(words.singular)) return words.kind;
  }
  return std::nullopt;
}

/// How many words of the phrase stand here.
size_t Grammar::MatchedWords(std::string_view phrase) const {
  size_t matched = 0;
  while (!phrase.empty()) {
    const size_t blank = phrase.find(' ');
    if (!IsWordText(matched, phrase.substr(0, blank))) return matched;
    ++matched;
    phrase = blank == std::string_view::npos ? std::string_view() : phrase.substr(blank + 1);
  }
  return matched;
}

/// Fails where the words that stand here cease to be a kind: CREATE POSTGRES INSTNCE at the last
/// word.
ObjectKind Grammar::ParseObjectKind() {
  if (const auto kind = TryObjectKind()) return *kind;
  size_t matched = 0;
  for (const ObjectKindWords& words : ObjectKinds())
    matched = std::max(matched, MatchedWords(words.singular));
  FailAt(Index() + matched);
}

std::optional<ObjectKind> Grammar::TryPluralKind() {
  for (const ObjectKindWords& words : ObjectKinds()) {
    if (AcceptPhrase(words.plural)) return words.kind;
  }
  return std::nullopt;
}

}  // namespace tarn::sql::syntax
