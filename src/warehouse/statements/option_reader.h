// SPDX-License-Identifier: Apache-2.0
// Reads the options of CREATE and ALTER … SET: the grammar takes any key, an object only its own.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/syntax/option.h"
#include "warehouse/catalogue/caller.h"
#include "warehouse/objects/stage.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

/// The options of one statement or of one group in it. Every member reads one key, which counts as
/// known from then on; absent: not written. What is wrong with a value is kept and told by Finish,
/// so that a caller reads all of them and asks once. The statement outlives it.
class OptionReader {
 public:
  using Groups = std::vector<const std::vector<sql::syntax::Option>*>;

  /// `subject` as messages name it: "STAGE".
  OptionReader(const StatementContext& context, std::string_view subject,
               const std::vector<sql::syntax::Option>& options);

  bool Has(std::string_view key);
  /// A word alone, as COPY GRANTS.
  bool Flag(std::string_view key) { return Has(key); }
  /// A string, number, boolean or name as text; NULL is "".
  std::optional<std::string> Text(std::string_view key);
  /// The same, required: 002029 where it is not written.
  std::string RequiredText(std::string_view key);
  /// One of `words`, upper case; 001008 for another.
  std::optional<std::string> Word(std::string_view key, const std::vector<std::string_view>& words);
  std::optional<bool> Bool(std::string_view key);
  /// 001008 for a number outside.
  std::optional<int64_t> Integer(std::string_view key, int64_t least = INT64_MIN,
                                 int64_t most = INT64_MAX);
  /// ('a', 'b'), or one alone.
  std::optional<std::vector<std::string>> Texts(std::string_view key);
  /// A name, or a string that holds one.
  std::optional<ObjectName> Name(std::string_view key);
  std::optional<std::vector<ObjectName>> Names(std::string_view key);
  /// (K = v …), flat, by upper-case keys; a list in it as "('a', 'b')".
  std::optional<Options> Flat(std::string_view key);
  /// (K = v …); null: not written.
  const std::vector<sql::syntax::Option>* Group(std::string_view key);
  /// ((K = v …), …).
  Groups GroupList(std::string_view key);
  /// What is set for objects within, and kept as parameters: those of `names` that are written.
  Options Parameters(const std::vector<std::string_view>& names);

  /// For what only the caller can judge.
  void Fail(StatementError error);
  /// The first thing that was wrong, or a key that nobody read.
  StatementResult<> Finish();

 private:
  const sql::syntax::OptionValueNode* Find(std::string_view key);
  std::string TextOf(std::string_view key, const sql::syntax::OptionValueNode& value);
  std::optional<ObjectName> NameIn(std::string_view key, const sql::syntax::OptionValueNode& value);
  void FailValue(std::string_view key, std::string_view value);

  const StatementContext& context_;
  std::string subject_;
  const std::vector<sql::syntax::Option>& options_;
  std::set<std::string, std::less<>> read_;
  std::optional<StatementError> failure_;
};

/// A constant as text: strings as they are, booleans as "TRUE"; NULL is "".
StatementResult<std::string> ConstantText(const StatementContext& context,
                                          const sql::syntax::Expression& expression);

}  // namespace tarn::warehouse
