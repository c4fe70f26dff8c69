// SPDX-License-Identifier: Apache-2.0
#include "iceberg/view/view_metadata_builder.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <set>
#include <unordered_set>

#include "iceberg/json/ascii_case.h"
#include "iceberg/model/schema.h"

namespace tarn::iceberg {
namespace {

constexpr int32_t kSupportedFormatVersion = 1;
constexpr const char* kDropDialectAllowed = "replace.drop-dialect.allowed";
constexpr const char* kHistorySize = "version.history.num-entries";
constexpr int64_t kHistorySizeDefault = 10;
/// Columns of views may have the types of all table versions.
constexpr int32_t kNewestTableVersion = 3;

std::set<std::string> DialectsOf(const ViewVersion& version) {
  std::set<std::string> dialects;
  for (const ViewRepresentation& representation : version.representations) {
    if (representation.is_sql()) dialects.insert(ToLowerAscii(representation.dialect));
  }
  return dialects;
}

std::string Listed(const std::set<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return "[" + list + "]";
}

/// The same definition under whatever id, made whenever.
bool SameDefinition(const ViewVersion& a, const ViewVersion& b) {
  return a.summary == b.summary && a.representations == b.representations &&
         a.default_catalog == b.default_catalog && a.default_namespace == b.default_namespace &&
         a.schema_id == b.schema_id;
}

void CountFromOne(std::vector<Field>& fields) {
  for (Field& field : fields) {
    field.id = FieldId(field.id.value() + 1);
    CountFromOne(field.type.children);
  }
}

/// No file knows a view's columns by their ids: they may begin with 0, as Spark's do.
Result<> CheckViewSchema(const Schema& schema) {
  if (schema.FindField(FieldId(0)) == nullptr) return ValidateSchema(schema, kNewestTableVersion);
  Schema shifted = schema;
  CountFromOne(shifted.fields);
  for (FieldId& id : shifted.identifier_field_ids) id = FieldId(id.value() + 1);
  return ValidateSchema(shifted, kNewestTableVersion);
}

Result<> CheckDialects(const ViewVersion& version) {
  std::set<std::string> dialects;
  for (const ViewRepresentation& representation : version.representations) {
    if (!representation.is_sql()) continue;
    const std::string dialect = ToLowerAscii(representation.dialect);
    if (!dialects.insert(dialect).second) {
      return Fail(ErrorKind::kInvalidArgument,
                  "Invalid view version: Cannot add multiple queries for dialect {}", dialect);
    }
  }
  return {};
}

class ViewBuilder {
 public:
  ViewBuilder(std::shared_ptr<const ViewMetadata> base, int64_t now_ms)
      : base_(std::move(base)), now_ms_(now_ms) {
    if (base_ != nullptr) view_ = *base_;
  }

  Result<> Do(const AssignUuid& update);
  Result<> Do(const UpgradeFormatVersion& update);
  Result<> Do(const AddSchema& update);
  Result<> Do(const SetLocation& update);
  Result<> Do(const SetProperties& update);
  Result<> Do(const RemoveProperties& update);
  Result<> Do(const AddViewVersion& update);
  Result<> Do(const SetCurrentViewVersion& update);

  Result<ViewUpdateResult> Build();

 private:
  Result<> CheckNoDialectIsLost() const;
  Result<int64_t> HistorySize() const;
  void ExpireVersions(int64_t history_size);

  std::shared_ptr<const ViewMetadata> base_;
  int64_t now_ms_;
  ViewMetadata view_;
  bool changed_ = false;
  std::optional<SchemaId> last_added_schema_;
  std::optional<ViewVersionId> last_added_version_;
  std::unordered_set<ViewVersionId> added_versions_;
  std::optional<ViewLogEntry> log_entry_;
};

Result<> ViewBuilder::Do(const AssignUuid& update) {
  if (update.uuid.is_nil()) return Fail(ErrorKind::kInvalidArgument, "Cannot set uuid to null");
  if (view_.view_uuid == update.uuid) return {};
  if (!view_.view_uuid.is_nil()) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot reassign uuid");
  }
  view_.view_uuid = update.uuid;
  changed_ = true;
  return {};
}

Result<> ViewBuilder::Do(const UpgradeFormatVersion& update) {
  if (update.format_version < view_.format_version) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot downgrade v{} view to v{}",
                view_.format_version, update.format_version);
  }
  if (update.format_version > kSupportedFormatVersion) {
    return Fail(ErrorKind::kInvalidArgument, "Unsupported format version: {}",
                update.format_version);
  }
  return {};
}

Result<> ViewBuilder::Do(const AddSchema& update) {
  TARN_TRY(CheckViewSchema(update.schema));
  int64_t next = 0;
  for (const Schema& known : view_.schemas) {
    if (known.SameFields(update.schema)) {
      last_added_schema_ = known.id;
      return {};
    }
    next = std::max<int64_t>(next, int64_t{known.id.value()} + 1);
  }
  if (next > std::numeric_limits<int32_t>::max()) {
    return Fail(ErrorKind::kInvalidArgument, "no schema id is left");
  }
  view_.schemas.push_back(update.schema);
  view_.schemas.back().id = SchemaId(static_cast<int32_t>(next));
  last_added_schema_ = view_.schemas.back().id;
  changed_ = true;
  return {};
}

Result<> ViewBuilder::Do(const SetLocation& update) {
  if (update.location.empty()) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot set location to an empty string");
  }
  changed_ |= view_.location != update.location;
  view_.location = update.location;
  return {};
}

Result<> ViewBuilder::Do(const SetProperties& update) {
  for (const auto& [key, value] : update.updates) view_.properties[key] = value;
  changed_ |= !update.updates.empty();
  return {};
}

Result<> ViewBuilder::Do(const RemoveProperties& update) {
  for (const std::string& key : update.removals) view_.properties.erase(key);
  changed_ |= !update.removals.empty();
  return {};
}

Result<> ViewBuilder::Do(const AddViewVersion& update) {
  ViewVersion version = update.version;
  int64_t next = version.id.value();
  for (const ViewVersion& known : view_.versions) {
    if (SameDefinition(known, version)) {
      last_added_version_ = known.id;
      return {};
    }
    next = std::max<int64_t>(next, int64_t{known.id.value()} + 1);
  }
  if (next > std::numeric_limits<int32_t>::max()) {
    return Fail(ErrorKind::kInvalidArgument, "no view version id is left");
  }
  version.id = ViewVersionId(static_cast<int32_t>(next));
  if (version.schema_id.value() == kLastAdded) {
    if (!last_added_schema_) {
      return Fail(ErrorKind::kInvalidArgument,
                  "Cannot set last added schema: no schema has been added");
    }
    version.schema_id = *last_added_schema_;
  }
  if (view_.FindSchema(version.schema_id) == nullptr) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot add version with unknown schema: {}",
                version.schema_id.value());
  }
  TARN_TRY(CheckDialects(version));
  last_added_version_ = version.id;
  added_versions_.insert(version.id);
  view_.versions.push_back(std::move(version));
  changed_ = true;
  return {};
}

Result<> ViewBuilder::Do(const SetCurrentViewVersion& update) {
  ViewVersionId id = update.version_id;
  if (id.value() == kLastAdded) {
    if (!last_added_version_) {
      return Fail(ErrorKind::kInvalidArgument,
                  "Cannot set last version id: no current version id has been set");
    }
    id = *last_added_version_;
  }
  const ViewVersion* version = view_.FindVersion(id);
  if (version == nullptr) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot set current version to unknown version: {}",
                id.value());
  }
  if (view_.current_version_id == id) return {};
  view_.current_version_id = id;
  log_entry_ = {added_versions_.contains(id) ? version->timestamp_ms : now_ms_, id};
  changed_ = true;
  return {};
}

Result<> ViewBuilder::CheckNoDialectIsLost() const {
  const auto allowed = view_.properties.find(kDropDialectAllowed);
  if (base_ == nullptr ||
      (allowed != view_.properties.end() && ToLowerAscii(allowed->second) == "true")) {
    return {};
  }
  const std::set<std::string> before = DialectsOf(base_->current_version());
  const std::set<std::string> after = DialectsOf(view_.current_version());
  if (std::ranges::includes(after, before)) return {};
  return Fail(ErrorKind::kInvalidArgument,
              "Cannot replace view due to loss of view dialects ({}=false):\n"
              "Previous dialects: {}\nNew dialects: {}",
              kDropDialectAllowed, Listed(before), Listed(after));
}

Result<int64_t> ViewBuilder::HistorySize() const {
  const auto found = view_.properties.find(kHistorySize);
  if (found == view_.properties.end()) return kHistorySizeDefault;
  const std::string& text = found->second;
  int64_t size = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), size);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || size <= 0) {
    return Fail(ErrorKind::kInvalidArgument, "{} must be positive but was {}", kHistorySize, text);
  }
  return size;
}

/// The newest by id stay, in their order; the log loses what came before a version that goes.
void ViewBuilder::ExpireVersions(int64_t history_size) {
  std::set<ViewVersionId> kept(added_versions_.begin(), added_versions_.end());
  kept.insert(view_.current_version_id);
  std::vector<ViewVersionId> ids;
  for (const ViewVersion& version : view_.versions) ids.push_back(version.id);
  std::ranges::sort(ids, std::greater<>());
  for (const ViewVersionId id : ids) {
    if (static_cast<int64_t>(kept.size()) >= history_size) break;
    kept.insert(id);
  }
  if (kept.size() == view_.versions.size()) return;
  std::erase_if(view_.versions,
                [&](const ViewVersion& version) { return !kept.contains(version.id); });
  std::vector<ViewLogEntry> log;
  for (const ViewLogEntry& entry : view_.version_log) {
    if (kept.contains(entry.version_id)) {
      log.push_back(entry);
    } else {
      log.clear();
    }
  }
  view_.version_log = std::move(log);
}

Result<ViewUpdateResult> ViewBuilder::Build() {
  if (!changed_ && base_ != nullptr) return ViewUpdateResult{base_, false};
  if (view_.location.empty()) return Fail(ErrorKind::kInvalidArgument, "Invalid location: null");
  if (view_.versions.empty()) {
    return Fail(ErrorKind::kInvalidArgument, "Invalid view: no versions were added");
  }
  if (view_.view_uuid.is_nil()) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot create a view without a uuid");
  }
  if (view_.FindVersion(view_.current_version_id) == nullptr) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot find current version {} in view versions",
                view_.current_version_id.value());
  }
  if (log_entry_) view_.version_log.push_back(*log_entry_);
  TARN_TRY(CheckNoDialectIsLost());
  TARN_ASSIGN(const int64_t history_size, HistorySize());
  ExpireVersions(history_size);
  return ViewUpdateResult{std::make_shared<const ViewMetadata>(std::move(view_)), true};
}

}  // namespace

Result<ViewUpdateResult> ApplyViewUpdates(std::shared_ptr<const ViewMetadata> base,
                                          std::span<const ViewUpdate> updates, int64_t now_ms) {
  ViewBuilder builder(std::move(base), now_ms);
  for (const ViewUpdate& update : updates) {
    TARN_TRY(std::visit([&](const auto& kind) { return builder.Do(kind); }, update));
  }
  return builder.Build();
}

}  // namespace tarn::iceberg
