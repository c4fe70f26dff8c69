// SPDX-License-Identifier: Apache-2.0
#include "capture/source/table_versions.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace tarn::capture {
namespace {

constexpr int kVersion15 = 150'000;

template <typename Number>
Number NumberIn(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// "3:a 5:b": calls `take` with each key and value.
template <typename Take>
void ForEachPair(std::string_view text, Take&& take) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const size_t colon = pair.find(':');
    if (colon == std::string_view::npos) continue;
    take(pair.substr(0, colon), pair.substr(colon + 1));
  }
}

std::string Wanted(std::span<const TableQuestion> tables) {
  std::string rows;
  for (size_t i = 0; i < tables.size(); ++i) {
    rows += fmt::format("{}({}, {}::text, {}::text, {}::oid)", i == 0 ? "" : ", ", i,
                        QuotedLiteral(tables[i].name.schema), QuotedLiteral(tables[i].name.table),
                        tables[i].known.value());
  }
  return rows;
}

/// xmin of a row of the catalogs says which transaction wrote it: a table that left a publication
/// and came back is told from one that stayed. Statistics and vacuum change rows in place.
std::string SightingStatement(std::span<const TableQuestion> tables, int version) {
  const char* const schemas =
      version >= kVersion15
          ? " UNION ALL SELECT format('n%s:%s', m.oid, m.xmin) FROM pub"
            " JOIN pg_publication_namespace m ON m.pnpubid = pub.oid"
            " WHERE m.pnnspid = c.relnamespace OR m.pnnspid IN (SELECT a.relnamespace"
            "  FROM pg_partition_ancestors(c.oid) p JOIN pg_class a ON a.oid = p.relid)"
          : "";
  return fmt::format(
      "WITH wanted (position, schema, name, known) AS (VALUES {}),"
      " pub AS (SELECT oid, xmin, pubname FROM pg_publication WHERE pubname = $1::text),"
      " sent AS (SELECT g.relid FROM pub,"
      "  LATERAL pg_get_publication_tables(pub.pubname::text) g)"
      " SELECT w.position, c.oid, c.relkind, c.oid IN (SELECT relid FROM sent),"
      " (SELECT string_agg(s.sign, ' ' ORDER BY s.sign) FROM ("
      "   SELECT format('p%s:%s', pub.oid, pub.xmin) AS sign FROM pub"
      "   UNION ALL SELECT format('r%s:%s', r.oid, r.xmin) FROM pub"
      "    JOIN pg_publication_rel r ON r.prpubid = pub.oid WHERE r.prrelid = c.oid"
      "    OR r.prrelid IN (SELECT relid FROM pg_partition_ancestors(c.oid)){}) s),"
      " (SELECT string_agg(format('%s:%s', h.oid, h.relfilenode), ' ') FROM ("
      "   SELECT c.oid AS heap WHERE c.relkind <> 'p' UNION ALL"
      "   SELECT relid FROM pg_partition_tree(c.oid) WHERE isleaf AND c.relkind = 'p') l"
      "  JOIN pg_class h ON h.oid = l.heap),"
      " (SELECT string_agg(format('%s:%s', a.attnum, a.xmin), ' ') FROM pg_attribute a"
      "  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),"
      " format('%s%s ', c.relreplident, c.relpersistence)"
      "  || coalesce((SELECT string_agg(format('%s%s:%s', i.indisprimary, i.indisreplident,"
      "   i.indkey), ' ' ORDER BY i.indisprimary, i.indkey::text) FROM pg_index i"
      "   WHERE i.indrelid = c.oid AND i.indisvalid AND (i.indisprimary OR i.indisreplident)), ''),"
      " (SELECT format('%I.%I', o.nspname, k.relname) FROM pg_class k"
      "  JOIN pg_namespace o ON o.oid = k.relnamespace WHERE k.oid = w.known)"
      " FROM wanted w LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace)"
      "  ON n.nspname = w.schema AND c.relname = w.name AND c.relkind IN ('r', 'p')"
      " ORDER BY w.position",
      Wanted(tables), schemas);
}

TableSighting SightingOf(const SourceRow& row) {
  constexpr size_t kOid = 1, kKind = 2, kSent = 3, kPublication = 4, kHeaps = 5, kColumns = 6,
                   kIdentity = 7, kOtherName = 8;
  TableSighting sighting;
  if (!row[kOid]) {
    sighting.other_name = row[kOtherName];
    return sighting;
  }
  TableVersion& version = sighting.version.emplace();
  version.oid = RelationOid(NumberIn<uint32_t>(*row[kOid]));
  version.partitioned = row[kKind] == "p";
  version.publication = row[kPublication].value_or("");
  version.identity = row[kIdentity].value_or("");
  ForEachPair(row[kHeaps].value_or(""), [&](std::string_view oid, std::string_view node) {
    version.heaps[NumberIn<uint32_t>(oid)] = NumberIn<uint32_t>(node);
  });
  ForEachPair(row[kColumns].value_or(""), [&](std::string_view number, std::string_view changed) {
    version.columns[NumberIn<int16_t>(number)] = changed;
  });
  sighting.published = row[kSent] == "t";
  return sighting;
}

/// Types that users made, and those that they are made of: down to enums and composites.
constexpr const char* kTypesStatement =
    "WITH RECURSIVE types AS ("
    " SELECT a.attrelid, a.attnum, a.atttypid AS type FROM pg_attribute a"
    "  WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped"
    "  AND a.atttypid >= 16384"
    " UNION SELECT t.attrelid, t.attnum, part.type FROM types t JOIN pg_type y ON y.oid = t.type,"
    "  LATERAL (SELECT y.typbasetype AS type WHERE y.typtype = 'd'"
    "   UNION ALL SELECT y.typelem WHERE y.typelem <> 0 AND y.typlen = -1"
    "   UNION ALL SELECT b.atttypid FROM pg_attribute b WHERE y.typtype = 'c'"
    "    AND b.attrelid = y.typrelid AND b.attnum > 0 AND NOT b.attisdropped"
    "   UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = y.oid) part"
    "  WHERE part.type >= 16384)"
    " SELECT t.attrelid, t.attnum, format('e%s', e.oid), e.enumlabel FROM types t"
    "  JOIN pg_enum e ON e.enumtypid = t.type"
    " UNION ALL SELECT t.attrelid, t.attnum, format('c%s.%s', y.oid, b.attnum),"
    "  format('%s', b.xmin) FROM types t JOIN pg_type y ON y.oid = t.type AND y.typtype = 'c'"
    "  JOIN pg_attribute b ON b.attrelid = y.typrelid AND b.attnum > 0";

Result<> FindTypes(SourceConnection& connection, std::vector<TableSighting>& sightings) {
  std::map<uint32_t, TableVersion*> versions;
  std::string oids;
  for (TableSighting& sighting : sightings) {
    if (!sighting.version) continue;
    versions[sighting.version->oid.value()] = &*sighting.version;
    oids += (oids.empty() ? "" : ",") + std::to_string(sighting.version->oid.value());
  }
  if (versions.empty()) return {};
  TARN_ASSIGN(
      const auto rows,
      connection.Run(kTypesStatement, std::vector<std::string>{fmt::format("{{{}}}", oids)}));
  for (const SourceRow& row : rows) {
    TableVersion& version = *versions.at(NumberIn<uint32_t>(row[0].value_or("")));
    const auto number = NumberIn<int16_t>(row[1].value_or(""));
    version.types[number][row[2].value_or("")] = row[3].value_or("");
  }
  return {};
}

/// Whether the text form of values that are there may be another one: labels that came matter to no
/// row of before, attributes do.
bool IsShownOtherwise(const std::map<std::string, std::string>& before,
                      const std::map<std::string, std::string>& now) {
  for (const auto& [part, shown] : before) {
    const auto found = now.find(part);
    if (found == now.end() || found->second != shown) return true;
  }
  return std::ranges::any_of(now, [&](const auto& part) {
    return part.first.starts_with('c') && !before.contains(part.first);
  });
}

bool AnyColumnChanged(const TableVersion& before, const TableVersion& now,
                      const std::set<int16_t>& replicated) {
  return std::ranges::any_of(replicated, [&](int16_t number) {
    const auto was = before.columns.find(number);
    const auto is = now.columns.find(number);
    // A column that went changes no other.
    return is != now.columns.end() && (was == before.columns.end() || was->second != is->second);
  });
}

void CompareHeaps(const TableVersion& before, const TableVersion& now,
                  const std::set<int16_t>& replicated, VersionDifference& difference) {
  const bool columns = AnyColumnChanged(before, now, replicated);
  for (const auto& [heap, node] : now.heaps) {
    const auto was = before.heaps.find(heap);
    if (was == before.heaps.end()) {
      difference.new_leaves.emplace_back(heap);
    } else if (was->second != node && now.partitioned) {
      // TRUNCATE of a leaf alone is not sent as one of its root, and nothing tells it from others.
      difference.rewritten = "a partition was emptied or rewritten";
    } else if (was->second != node && columns) {
      // Without it: VACUUM FULL, CLUSTER and the like keep values, TRUNCATE comes in the stream.
      difference.rewritten = "it was rewritten with other values";
    }
  }
  for (const auto& [heap, node] : before.heaps) {
    if (!now.heaps.contains(heap)) difference.rewritten = "a partition left it";
  }
}

}  // namespace

std::string ToText(const TableVersion& version) {
  nlohmann::json columns = nlohmann::json::object(), heaps = columns, types = columns;
  for (const auto& [number, changed] : version.columns) columns[std::to_string(number)] = changed;
  for (const auto& [heap, node] : version.heaps) heaps[std::to_string(heap)] = node;
  for (const auto& [number, parts] : version.types) types[std::to_string(number)] = parts;
  return nlohmann::json{{"oid", version.oid.value()},
                        {"partitioned", version.partitioned},
                        {"publication", version.publication},
                        {"heaps", heaps},
                        {"columns", columns},
                        {"identity", version.identity},
                        {"types", types}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<TableVersion> ParseTableVersion(std::string_view text) {
  // No exception of the library leaves: what has another shape is damaged.
  try {
    const auto json = nlohmann::json::parse(text);
    TableVersion version;
    version.oid = RelationOid(json.at("oid").get<uint32_t>());
    version.partitioned = json.at("partitioned").get<bool>();
    version.publication = json.at("publication").get<std::string>();
    version.identity = json.at("identity").get<std::string>();
    for (const auto& [heap, node] : json.at("heaps").items()) {
      version.heaps[NumberIn<uint32_t>(heap)] = node.get<uint32_t>();
    }
    for (const auto& [number, changed] : json.at("columns").items()) {
      version.columns[NumberIn<int16_t>(number)] = changed.get<std::string>();
    }
    for (const auto& [number, parts] : json.at("types").items()) {
      version.types[NumberIn<int16_t>(number)] = parts.get<std::map<std::string, std::string>>();
    }
    return version;
  } catch (const nlohmann::json::exception&) {
    return Fail(ErrorKind::kCorruption, "the version of a captured table is damaged: {}", text);
  }
}

Result<std::vector<TableSighting>> SightTables(SourceConnection& connection,
                                               const std::string& publication,
                                               std::span<const TableQuestion> tables) {
  std::vector<TableSighting> sightings;
  if (tables.empty()) return sightings;
  TARN_TRY(connection.AtOneMoment([&]() -> Result<> {
    TARN_ASSIGN(const auto rows,
                connection.Run(SightingStatement(tables, connection.server_version()),
                               std::vector<std::string>{publication}));
    for (const SourceRow& row : rows) sightings.push_back(SightingOf(row));
    return FindTypes(connection, sightings);
  }));
  if (sightings.size() != tables.size()) {
    return Fail(ErrorKind::kConflict, "the source's catalogs changed while they were read");
  }
  return sightings;
}

VersionDifference Compare(const TableVersion& before, const TableVersion& now,
                          const std::set<int16_t>& replicated) {
  VersionDifference difference;
  CompareHeaps(before, now, replicated, difference);
  for (const int16_t number : replicated) {
    const auto was = before.types.find(number);
    const auto is = now.types.find(number);
    if (was == before.types.end() || is == now.types.end()) continue;
    if (IsShownOtherwise(was->second, is->second)) {
      difference.rewritten = "a type of its columns was changed";
    }
  }
  if (before.publication != now.publication) {
    difference.rewritten = "the publication was changed";
  }
  if (before.oid != now.oid || before.partitioned != now.partitioned) {
    difference.rewritten = "it is another table";
  }
  difference.redefined = before.columns != now.columns || before.identity != now.identity;
  return difference;
}

Result<bool> HasEarlierRows(SourceConnection& connection, RelationOid leaf) {
  const std::vector<std::string> oid{std::to_string(leaf.value())};
  // The row of ctid is written when a table is made, and never again. A link with cmin 0 is the
  // first thing that its transaction wrote, which so got its number behind the table's lock.
  TARN_ASSIGN(const auto found,
              connection.Run("SELECT format('%I.%I', n.nspname, c.relname), l.age,"
                             " l.age = age(m.xmin) OR l.first"
                             " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                             " JOIN pg_attribute m ON m.attrelid = c.oid AND m.attnum = -1,"
                             " LATERAL (SELECT min(age(i.xmin)),"
                             "   (array_agg(i.cmin::text ORDER BY age(i.xmin)))[1] = '0'"
                             "  FROM pg_inherits i WHERE i.inhrelid IN"
                             "   (SELECT relid FROM pg_partition_ancestors(c.oid))) l (age, first)"
                             " WHERE c.oid = $1::oid AND c.relkind = 'r'",
                             oid));
  // Gone again, or nothing that has rows: whoever copies says what is wrong with it.
  if (found.empty() || !found[0][0] || !found[0][1]) return true;
  // Else who wrote into a table of before may have a later number than who attached it, and have
  // committed first.
  const std::string since = found[0][2] == "t"
                                ? " AS r WHERE age(r.xmin) >="
                                  " (SELECT min(age(i.xmin)) FROM pg_inherits i WHERE i.inhrelid IN"
                                  "  (SELECT relid FROM pg_partition_ancestors($1::oid)))"
                                : " WHERE $1::oid IS NOT NULL";
  // age() moves on between two statements: never with the rows' side.
  const auto rows = connection.Run(
      fmt::format("SELECT EXISTS (SELECT FROM ONLY {}{})", *found[0][0], since), oid);
  if (!rows && rows.error().kind == ErrorKind::kNotFound) return true;
  TARN_TRY(rows);
  return rows->at(0).at(0) == "t";
}

}  // namespace tarn::capture
