// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sql/syntax/statement.h"
#include "warehouse/session/client_text.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

/// A statement that was parsed, and bound once to know its columns. Binding again happens each time
/// that it runs: names, time and types of values may be others by then.
class PreparedText final : public PreparedStatement {
 public:
  PreparedText(ClientText text, sql::syntax::Statement tree, std::vector<sql::DataType> parameters)
      : text_(std::move(text)),
        tree_(std::move(tree)),
        command_(CommandOf(tree_)),
        parameters_(std::move(parameters)) {}

  const std::vector<sql::DataType>& parameters() const override { return parameters_; }
  const std::vector<ResultColumn>& columns() const override { return columns_; }
  std::string_view command() const override { return command_; }
  bool read_only() const override {
    const StatementEffect effect = EffectOf(tree_);
    return effect == StatementEffect::kNone || effect == StatementEffect::kSession;
  }

  const ClientText& text() const { return text_; }
  const sql::syntax::Statement& tree() const { return tree_; }
  void SetColumns(std::vector<ResultColumn> columns) { columns_ = std::move(columns); }
  /// The same error at its place in what the client wrote.
  StatementError InWrittenText(StatementError error) const {
    if (error.position) error.position = text_.WrittenOffset(*error.position);
    return error;
  }

 private:
  ClientText text_;
  sql::syntax::Statement tree_;
  std::string command_;
  std::vector<sql::DataType> parameters_;
  std::vector<ResultColumn> columns_;
};

}  // namespace tarn::warehouse
