// SPDX-License-Identifier: Apache-2.0
// The names of a statement that reads the files of one stage one after the other.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sql/bind/names.h"
#include "warehouse/session/named_rows.h"
#include "warehouse/stages/opened_stage.h"

namespace tarn::warehouse {

/// Staged files, whatever they are called, are one table of these columns that has no rows: whoever
/// runs the query gives it those of a file. All else is what `names` says, which outlives it.
class FileNames final : public sql::Names {
 public:
  FileNames(sql::Names* names, const OpenedStage& stage, const std::vector<MadeColumn>& columns);

  sql::SqlResult<sql::NamedRelation> StagedFiles(
      const std::string& location, const std::vector<sql::NamedArgument>& options) override;
  sql::SqlResult<sql::NamedRelation> Relation(
      const std::vector<std::string>& parts,
      const std::optional<sql::NamedMoment>& moment) override {
    return names_->Relation(parts, moment);
  }
  sql::SqlResult<std::vector<sql::NamedFunction>> Functions(
      const std::vector<std::string>& parts) override {
    return names_->Functions(parts);
  }
  bool MayBeSystemFunction(const std::string& name) const override {
    return names_->MayBeSystemFunction(name);
  }
  sql::SqlResult<std::optional<sql::bound::Expression>> SystemFunction(
      const std::string& name, const std::vector<sql::bound::Expression>& arguments) override {
    return names_->SystemFunction(name, arguments);
  }
  std::optional<sql::bound::Expression> Variable(const std::string& name) override {
    return names_->Variable(name);
  }

 private:
  sql::Names* names_;
  sql::NamedTable files_;
};

}  // namespace tarn::warehouse
