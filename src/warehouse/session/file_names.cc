// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/file_names.h"

#include <memory>

#include "warehouse/session/query_names.h"

namespace tarn::warehouse {

FileNames::FileNames(sql::Names* names, const OpenedStage& stage,
                     const std::vector<MadeColumn>& columns)
    : names_(names) {
  MadeRows none = MakeRows(columns, {});
  files_ = {
      .handle = std::make_shared<const PinnedTable>(PinnedTable{.head = stage.head,
                                                                .database = stage.database,
                                                                .schema = stage.schema,
                                                                .definition = {},
                                                                .loaded = {},
                                                                .made = std::move(none.rows)}),
      .database = stage.database,
      .schema = stage.schema,
      .name = stage.head.name,
      .id = static_cast<uint32_t>(stage.head.id.value()),
      .columns = std::move(none.columns)};
}

sql::SqlResult<sql::NamedRelation> FileNames::StagedFiles(
    const std::string& /*location*/, const std::vector<sql::NamedArgument>& /*options*/) {
  return files_;
}

}  // namespace tarn::warehouse
