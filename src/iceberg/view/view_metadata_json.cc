// SPDX-License-Identifier: Apache-2.0
// View metadata files (view spec, "View Metadata", Appendix A).
#include <array>

#include "iceberg/json/gzip.h"
#include "iceberg/json/metadata_fields.h"
#include "iceberg/json/unknown_members.h"
#include "iceberg/model/schema_tree.h"
#include "iceberg/view/view_fields.h"
#include "iceberg/view/view_metadata.h"
#include "iceberg/view/view_version_json.h"

namespace tarn::iceberg {
namespace {

using namespace view_field;

constexpr int32_t kSupportedFormatVersion = 1;
constexpr size_t kUncompressedBytesMax = size_t{1} << 30;

constexpr std::array kKnownMembers = {kViewUuid,       field::kFormatVersion, field::kLocation,
                                      field::kSchemas, kCurrentVersionId,     kVersions,
                                      kVersionLog,     field::kProperties};

Result<> ReadSchemas(const JsonMembers& in, ViewMetadata& out) {
  TARN_ASSIGN(const Json* array, in.Array(field::kSchemas));
  for (size_t i = 0; i < array->size(); ++i) {
    TARN_ASSIGN(Schema schema, ParseSchemaTree((*array)[i], in.PlaceOf(field::kSchemas, i)));
    out.schemas.push_back(std::move(schema));
  }
  return {};
}

Result<> ReadVersions(const JsonMembers& in, ViewMetadata& out) {
  TARN_ASSIGN(const Json* array, in.Array(kVersions));
  for (size_t i = 0; i < array->size(); ++i) {
    TARN_ASSIGN(ViewVersion version, ParseViewVersionTree((*array)[i], in.PlaceOf(kVersions, i)));
    if (out.FindSchema(version.schema_id) == nullptr) {
      return in.Malformed(kVersions, "a list of versions whose schemas the view has");
    }
    out.versions.push_back(std::move(version));
  }
  TARN_ASSIGN(const Json* log, in.Array(kVersionLog));
  for (size_t i = 0; i < log->size(); ++i) {
    TARN_ASSIGN(const JsonMembers entry, JsonMembers::Of((*log)[i], in.PlaceOf(kVersionLog, i)));
    TARN_ASSIGN(const int64_t time, entry.Int64(field::kTimestampMs));
    TARN_ASSIGN(const int32_t id, entry.Int32(kVersionId));
    out.version_log.push_back({time, ViewVersionId(id)});
  }
  return {};
}

Result<ViewMetadata> ParseDocument(const JsonMembers& in) {
  ViewMetadata out;
  TARN_ASSIGN(out.format_version, in.Int32(field::kFormatVersion));
  if (out.format_version != kSupportedFormatVersion) {
    return Fail(ErrorKind::kUnsupported, "unsupported view format version {}", out.format_version);
  }
  TARN_ASSIGN(const std::string uuid_text, in.String(kViewUuid));
  const Result<Uuid> uuid = Uuid::Parse(uuid_text);
  if (!uuid) return in.Malformed(kViewUuid, "a uuid");
  out.view_uuid = *uuid;
  TARN_ASSIGN(out.location, in.String(field::kLocation));
  TARN_ASSIGN(const int32_t current, in.Int32(kCurrentVersionId));
  out.current_version_id = ViewVersionId(current);
  TARN_TRY(ReadSchemas(in, out));
  TARN_TRY(ReadVersions(in, out));
  if (out.FindVersion(out.current_version_id) == nullptr) {
    return in.Malformed(kCurrentVersionId, "the id of a version of the view");
  }
  if (const Json* properties = in.Find(field::kProperties)) {
    TARN_ASSIGN(out.properties, ParseStringMap(*properties, field::kProperties));
  }
  out.unknown_members_json = UnknownMembers(in.json(), kKnownMembers);
  return out;
}

}  // namespace

Result<ViewMetadata> ParseViewMetadata(std::string_view bytes) {
  std::string unpacked;
  if (IsGzip(bytes)) {
    TARN_ASSIGN(unpacked, Gunzip(bytes, kUncompressedBytesMax));
    bytes = unpacked;
  }
  TARN_ASSIGN(const Json document, ParseJson(bytes, "view metadata"));
  TARN_ASSIGN(const JsonMembers members, JsonMembers::Of(document, ""));
  return ParseDocument(members);
}

Result<std::string> SerializeViewMetadata(const ViewMetadata& metadata) {
  std::string text;
  JsonText out(&text);
  out.BeginObject();
  out.Member(kViewUuid, metadata.view_uuid.ToString());
  out.Member(field::kFormatVersion, metadata.format_version);
  out.Member(field::kLocation, metadata.location);
  out.Key(field::kProperties);
  WriteStringMap(metadata.properties, out);
  out.Key(field::kSchemas);
  out.BeginArray();
  for (const Schema& schema : metadata.schemas) WriteSchema(schema, out);
  out.EndArray();
  out.Member(kCurrentVersionId, metadata.current_version_id.value());
  out.Key(kVersions);
  out.BeginArray();
  for (const ViewVersion& version : metadata.versions) WriteViewVersion(version, out);
  out.EndArray();
  out.Key(kVersionLog);
  out.BeginArray();
  for (const ViewLogEntry& entry : metadata.version_log) {
    out.BeginObject();
    out.Member(field::kTimestampMs, entry.timestamp_ms);
    out.Member(kVersionId, entry.version_id.value());
    out.EndObject();
  }
  out.EndArray();
  WriteUnknownMembers(metadata.unknown_members_json, out);
  out.EndObject();
  if (!IsValidUtf8(text)) {
    return Fail(ErrorKind::kInvalidArgument, "metadata of view \"{}\" holds text that is not UTF-8",
                metadata.location);
  }
  return text;
}

}  // namespace tarn::iceberg
