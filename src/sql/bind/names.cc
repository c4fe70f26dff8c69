// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/names.h"

#include <fmt/core.h>

namespace tarn::sql {

namespace {

std::unexpected<SqlError> Refuse(const std::string& feature) {
  return std::unexpected(
      SqlError{{ErrorKind::kUnsupported, fmt::format("Unsupported feature '{}'.", feature), {}, {}},
               "000002",
               "0A000",
               std::nullopt});
}

}  // namespace

SqlResult<NamedRelation> Names::Changes(const std::vector<std::string>&, const NamedChanges&) {
  return Refuse("CHANGES");
}

SqlResult<NamedRelation> Names::Directory(const std::string&) { return Refuse("DIRECTORY"); }

SqlResult<NamedRelation> Names::StagedFiles(const std::string&, const std::vector<NamedArgument>&) {
  return Refuse("staged files in FROM");
}

SqlResult<NamedRelation> Names::TableFunction(const std::vector<std::string>& parts,
                                              const std::vector<NamedArgument>&) {
  return Refuse("table function " + (parts.empty() ? std::string() : parts.back()));
}

SqlResult<NamedRelation> Names::PipedResult(const std::string&) {
  return Refuse("results of earlier statements in FROM");
}

SqlResult<std::vector<NamedFunction>> Names::Functions(const std::vector<std::string>&) {
  return std::vector<NamedFunction>();
}

SqlResult<std::optional<NamedSequence>> Names::Sequence(const std::vector<std::string>&) {
  return std::optional<NamedSequence>();
}

bool Names::MayBeSystemFunction(const std::string&) const { return false; }

SqlResult<std::optional<bound::Expression>> Names::SystemFunction(
    const std::string&, const std::vector<bound::Expression>&) {
  return std::optional<bound::Expression>();
}

}  // namespace tarn::sql
