// SPDX-License-Identifier: Apache-2.0
#include "warehouse/instances/extension_relations.h"

namespace tarn::warehouse {

Result<std::optional<ExtensionRelations>> FindExtension(provision::ServerConnection& connection) {
  constexpr const char* kQuestion = R"(
SELECT format('%I.%I', n.nspname, c.relname), format('%I.%I', x.nspname, p.proname)
  FROM pg_extension e
  JOIN pg_depend f ON f.refclassid = 'pg_extension'::regclass AND f.refobjid = e.oid
   AND f.classid = 'pg_proc'::regclass AND f.deptype = 'e'
  JOIN pg_proc p ON p.oid = f.objid AND p.proname = 'commit_tables' AND p.proowner = 10
  JOIN pg_namespace x ON x.oid = p.pronamespace
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
