// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/stage_format.h"

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {

StatementResult<FileFormat> FormatNamed(const Snapshot& snapshot, const Caller& caller,
                                        const std::string& text) {
  const auto name = ParseObjectName(text);
  if (!name) return DoesNotExist(ObjectKind::kFileFormat, text);
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(const ObjectHead head,
                   Resolve(snapshot, caller, authority, ObjectKind::kFileFormat, *name, "SELECT"));
  STATEMENT_TRY(authority.Require(head, kUsage));
  STATEMENT_ASSIGN(auto format, snapshot.Find<FileFormat>(head.id));
  if (!format) return DoesNotExist(ObjectKind::kFileFormat, text);
  return *std::move(format);
}

StatementResult<FileFormat> FormatOf(const Snapshot& snapshot, const Caller& caller,
                                     const Stage& stage) {
  Options options = stage.file_format;
  if (const auto name = options.find("FORMAT_NAME"); name != options.end()) {
    return FormatNamed(snapshot, caller, name->second);
  }
  FileFormat format;
  if (const auto type = options.extract("TYPE")) format.type = type.mapped();
  format.options = std::move(options);
  return format;
}

}  // namespace tarn::warehouse
