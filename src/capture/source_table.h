// SPDX-License-Identifier: Apache-2.0
// A table as its PostgreSQL server describes it. Plain values; how they are asked for is
// source/table_catalog.h's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/strong_id.h"
#include "capture/lsn.h"

namespace tarn::capture {

/// OIDs of one database.
using RelationOid = StrongId<uint32_t, struct RelationOidTag>;
using TypeOid = StrongId<uint32_t, struct TypeOidTag>;

/// Schema and table, verbatim.
struct SourceName {
  std::string schema;
  std::string table;
  auto operator<=>(const SourceName&) const = default;
};

/// pg_type.typtype of the type behind all domains.
enum class TypeClass : char {
  kBase = 'b',
  kComposite = 'c',
  kEnum = 'e',
  kRange = 'r',
  kMultirange = 'm',
  kPseudo = 'p',
};

/// A type with its domains taken off.
struct SourceType {
  TypeOid oid;            ///< of the type behind the domains
  int32_t modifier = -1;  ///< atttypmod, or the domain's; of money, digits behind the point
  TypeClass type_class = TypeClass::kBase;
  bool is_array =
      false;         ///< a "true" array: pg_type.typelem with typlen -1 and typsubscript of arrays
  std::string name;  ///< format_type() of the column: "numeric(10,2)", "mood", "int[]"
  bool operator==(const SourceType&) const = default;
};

struct SourceColumn {
  /// Its identity for the life of the table. Negative: a column that the table no longer has, or
  /// has under another name, of which the stream may still bring values.
  int16_t attribute_number = 0;
  std::string name;
  SourceType type;
  bool not_null = false;
  bool generated = false;  ///< STORED or VIRTUAL: not in the stream
  /// Text of what rows have that were there before the column (pg_attribute.attmissingval).
  std::optional<std::string> missing = std::nullopt;
  bool is_retired() const { return attribute_number < 0; }
  bool operator==(const SourceColumn&) const = default;
};

/// pg_class.relreplident.
enum class ReplicaIdentity : char { kDefault = 'd', kNothing = 'n', kFull = 'f', kIndex = 'i' };

/// What is replicated of a table: columns that the publication lists and that are not generated.
struct SourceTable {
  RelationOid oid;
  SourceName name;
  ReplicaIdentity replica_identity = ReplicaIdentity::kDefault;
  bool partitioned = false;
  std::vector<SourceColumn> columns;
  /// Positions in `columns` of the primary key, in its order; empty: none.
  std::vector<size_t> primary_key;
  /// Positions of what the replica identity consists of (all for kFull; empty for kNothing).
  std::vector<size_t> identity;
  std::optional<std::string> row_filter;  ///< the publication's WHERE, as SQL
  int64_t estimated_rows = -1;            ///< pg_class.reltuples; -1: never counted
  uint32_t filenode = 0;                  ///< pg_relation_filenode: another one after a rewrite

  /// The columns whose values say which row it is: those that the stream gives of an old row. Under
  /// kFull, which gives all of them, the primary key.
  const std::vector<size_t>& key() const {
    return primary_key.empty() || replica_identity == ReplicaIdentity::kIndex ? identity
                                                                              : primary_key;
  }
};

}  // namespace tarn::capture
