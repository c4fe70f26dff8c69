// SPDX-License-Identifier: Apache-2.0
#include "warehouse/instances/extension_relations.h"

namespace tarn::warehouse {

Result<std::optional<ExtensionRelations>> FindExtension(provision::ServerConnection& connection) {
  constexpr const char* kQuestion = R"(
SELECT format('%I.%I', n.nspname, c.relname), format('%I.commit_tables', x.nspname)
  FROM pg_extension e
  JOIN pg_namespace x ON x.oid = e.extnamespace
  JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
   AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'
  JOIN pg_class c ON c.oid = d.objid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE e.extname = 'tarn' AND c.relname = 'tables' AND c.relkind IN ('m', 'r') AND c.relowner = 10)";
  TARN_ASSIGN(const auto rows, connection.Run(kQuestion));
  if (rows.size() != 1) return std::nullopt;
  return ExtensionRelations{.pointers = rows[0][0].value(), .commit_tables = rows[0][1].value()};
}

}  // namespace tarn::warehouse
