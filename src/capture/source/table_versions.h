// SPDX-License-Identifier: Apache-2.0
// What a source's catalogs tell of changes that its stream does not: rewrites of tables, partitions
// that come and go, publications that send other things.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capture/source/source_connection.h"
#include "capture/source_table.h"

namespace tarn::capture {

/// On what the values of rows depend that nobody changes. A plain value; compared with a later one
/// it tells what happened meanwhile, also where that was undone.
struct TableVersion {
  RelationOid oid;
  bool partitioned = false;
  /// The publication, and what makes the table a part of it: their rows in the catalogs.
  std::string publication;
  /// Of the table, or of the leaves of a partitioned one: by OID, pg_class.relfilenode.
  std::map<uint32_t, uint32_t> heaps;
  /// By attribute number, the transaction that last changed the column's row in pg_attribute: a
  /// type may be changed to itself, USING another value.
  std::map<int16_t, std::string> columns;
  /// Primary key and replica identity.
  std::string identity;
  /// Labels of enums and attributes of composites, on which text forms depend: by attribute number
  /// of the column, by OID.
  std::map<int16_t, std::map<std::string, std::string>> types;
  bool operator==(const TableVersion&) const = default;
};
std::string ToText(const TableVersion& version);
/// Corruption.
Result<TableVersion> ParseTableVersion(std::string_view text);

/// A table as the catalogs have it at one moment.
struct TableSighting {
  /// Absent: there is no such table.
  std::optional<TableVersion> version;
  bool published = false;
  /// Where there is none: what the table with the OID that was asked for is called now.
  std::optional<std::string> other_name;
};
struct TableQuestion {
  SourceName name;
  RelationOid known;  ///< 0: none
};
/// In the order of the questions. One or two statements for all of them.
Result<std::vector<TableSighting>> SightTables(SourceConnection& connection,
                                               const std::string& publication,
                                               std::span<const TableQuestion> tables);

/// What happened to a table between two versions of it.
struct VersionDifference {
  /// Why rows that nobody changed have other values, or may be other ones; empty: they do not.
  std::string rewritten;
  /// Columns, key or identity are other ones.
  bool redefined = false;
  /// Leaves that came: their rows are known only where all of them came later (HasEarlierRows).
  std::vector<RelationOid> new_leaves;
};
/// `replicated`: attribute numbers; what happens to others does not matter.
VersionDifference Compare(const TableVersion& before, const TableVersion& now,
                          const std::set<int16_t>& replicated);

/// Whether a partition has rows of its transaction of attachment, or of earlier ones: those never
/// came as its root's. Reads the partition as far as the first of them.
Result<bool> HasEarlierRows(SourceConnection& connection, RelationOid leaf);

}  // namespace tarn::capture
