// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/testing/batch_builder.h"
#include "warehouse/session.h"

namespace tarn::server {

/// One value of a SELECT: a literal, a parameter, or the number of the row, with a type.
struct ScriptedItem {
  enum class Kind : uint8_t {
    kLiteral,
    kParameter,
    kRowNumber,
    kZeroDivision,
    kCounter
  } kind = Kind::kLiteral;
  Cell literal;
  size_t parameter = 0;  ///< from 0
  warehouse::ResultColumn column;
};

class ScriptedStatement : public warehouse::PreparedStatement {
 public:
  enum class Action : uint8_t {
    kRows,   ///< `rows` rows of the items
    kTypes,  ///< two rows of every type
    kError,  ///< `text` is "SQLSTATE message"; after `rows` rows
    kSleep,  ///< `rows` milliseconds
    kStall,  ///< `rows` rows one by one, then none for long
    kNotice,
    kChange,   ///< adds `rows` to the counter
    kCommand,  ///< nothing but a tag
    kSetTimeZone,
    kBegin,
    kCommit,
    kRollback,
  } action = Action::kRows;
  std::string verb = "SELECT";
  int64_t rows = 1;
  std::string text;
  std::vector<ScriptedItem> items;
  std::vector<sql::DataType> parameter_types;
  std::vector<warehouse::ResultColumn> result_columns;

  const std::vector<sql::DataType>& parameters() const override { return parameter_types; }
  const std::vector<warehouse::ResultColumn>& columns() const override { return result_columns; }
  std::string_view command() const override { return verb; }
  bool read_only() const override {
    return action != Action::kChange && action != Action::kCommand;
  }
};

warehouse::StatementResult<std::unique_ptr<ScriptedStatement>> ParseScripted(
    const std::string& text, std::span<const sql::DataType> declared);

/// A value of a type from what a parameter brought.
warehouse::StatementResult<Cell> CellOf(const warehouse::BoundValue& value,
                                        const warehouse::ResultColumn& column);

/// Columns of `types`, and its two rows.
std::vector<warehouse::ResultColumn> EveryType();
std::vector<std::vector<Cell>> EveryTypeRows();

}  // namespace tarn::server
