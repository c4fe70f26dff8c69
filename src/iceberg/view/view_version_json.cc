// SPDX-License-Identifier: Apache-2.0
#include "iceberg/view/view_version_json.h"

#include <array>

#include "iceberg/json/ascii_case.h"
#include "iceberg/json/metadata_fields.h"
#include "iceberg/json/unknown_members.h"
#include "iceberg/view/view_fields.h"

namespace tarn::iceberg {
namespace {

using namespace view_field;

constexpr std::array kVersionMembers = {kVersionId,       field::kSchemaId, field::kTimestampMs,
                                        field::kSummary,  kRepresentations, kDefaultCatalog,
                                        kDefaultNamespace};
constexpr std::array kSqlMembers = {field::kType, kSql, kDialect};
constexpr std::array kOtherMembers = {field::kType};

Result<ViewRepresentation> ParseRepresentation(const Json& value, std::string place) {
  TARN_ASSIGN(const JsonMembers in, JsonMembers::Of(value, std::move(place)));
  ViewRepresentation representation;
  TARN_ASSIGN(representation.type, in.String(field::kType));
  if (ToLowerAscii(representation.type) != kSql) {
    representation.unknown_members_json = UnknownMembers(value, kOtherMembers);
    return representation;
  }
  representation.type = kSql;
  TARN_ASSIGN(representation.sql, in.String(kSql));
  TARN_ASSIGN(representation.dialect, in.String(kDialect));
  representation.unknown_members_json = UnknownMembers(value, kSqlMembers);
  return representation;
}

void WriteRepresentation(const ViewRepresentation& representation, JsonText& out) {
  out.BeginObject();
  out.Member(field::kType, representation.type);
  if (representation.is_sql()) {
    out.Member(kSql, representation.sql);
    out.Member(kDialect, representation.dialect);
  }
  WriteUnknownMembers(representation.unknown_members_json, out);
  out.EndObject();
}

}  // namespace

Result<ViewVersion> ParseViewVersionTree(const Json& value, std::string place) {
  TARN_ASSIGN(const JsonMembers in, JsonMembers::Of(value, std::move(place)));
  ViewVersion version;
  TARN_ASSIGN(const int32_t id, in.Int32(kVersionId));
  version.id = ViewVersionId(id);
  TARN_ASSIGN(const int32_t schema, in.Int32(field::kSchemaId));
  version.schema_id = SchemaId(schema);
  TARN_ASSIGN(version.timestamp_ms, in.Int64(field::kTimestampMs));
  const Json* summary = in.Find(field::kSummary);
  if (summary == nullptr) return in.Missing(field::kSummary);
  TARN_ASSIGN(version.summary, ParseStringMap(*summary, in.PlaceOf(field::kSummary)));
  TARN_ASSIGN(const Json* representations, in.Array(kRepresentations));
  for (size_t i = 0; i < representations->size(); ++i) {
    TARN_ASSIGN(ViewRepresentation representation,
                ParseRepresentation((*representations)[i], in.PlaceOf(kRepresentations, i)));
    version.representations.push_back(std::move(representation));
  }
  TARN_ASSIGN(version.default_catalog, in.OptionalString(kDefaultCatalog));
  if (!in.Has(kDefaultNamespace)) return in.Missing(kDefaultNamespace);
  TARN_ASSIGN(version.default_namespace, in.Strings(kDefaultNamespace));
  version.unknown_members_json = UnknownMembers(value, kVersionMembers);
  return version;
}

void WriteViewVersion(const ViewVersion& version, JsonText& out) {
  out.BeginObject();
  out.Member(kVersionId, version.id.value());
  out.Member(field::kTimestampMs, version.timestamp_ms);
  out.Member(field::kSchemaId, version.schema_id.value());
  out.Key(field::kSummary);
  WriteStringMap(version.summary, out);
  if (version.default_catalog) out.Member(kDefaultCatalog, *version.default_catalog);
  out.Key(kDefaultNamespace);
  out.BeginArray();
  for (const std::string& level : version.default_namespace) out.String(level);
  out.EndArray();
  out.Key(kRepresentations);
  out.BeginArray();
  for (const ViewRepresentation& representation : version.representations) {
    WriteRepresentation(representation, out);
  }
  out.EndArray();
  WriteUnknownMembers(version.unknown_members_json, out);
  out.EndObject();
}

}  // namespace tarn::iceberg
