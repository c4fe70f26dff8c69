// SPDX-License-Identifier: Apache-2.0
#include "table/pins.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/logging.h"

namespace tarn::table {
namespace {

constexpr std::string_view kSuffix = ".json";
/// How long a process that expires relies on what it read.
constexpr int64_t kKnownForMs = 5000;

std::string FolderOf(std::string_view table_location) {
  return fmt::format("{}/metadata/tarn-pins/", table_location);
}

Result<std::string> LocationOf(std::string_view table_location, std::string_view name) {
  const bool valid = !name.empty() && name.size() <= 200 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  if (!valid) {
    return Fail(ErrorKind::kInvalidArgument,
                "\"{}\" is no name of a pin: letters, digits, \"_\", \"-\" and \".\" are", name);
  }
  return fmt::format("{}{}{}", FolderOf(table_location), name, kSuffix);
}

Result<Pin> Parse(const std::string& text, const std::string& location) {
  try {
    const auto json = nlohmann::json::parse(text);
    Pin pin{.name = json.at("name").get<std::string>(),
            .snapshot_id = iceberg::SnapshotId(json.at("snapshot-id").get<int64_t>()),
            .metadata_location = json.at("metadata-location").get<std::string>()};
    if (json.contains("expires-ms")) pin.expires_ms = json.at("expires-ms").get<int64_t>();
    if (json.contains("and-later-than")) {
      pin.and_later_than = json.at("and-later-than").get<int64_t>();
    }
    return pin;
  } catch (const nlohmann::json::exception&) {
    return Fail(ErrorKind::kCorruption, "malformed pin \"{}\"", location);
  }
}

}  // namespace

Result<> PutPin(storage::Storage& storage, std::string_view table_location, const Pin& pin,
                const NewestMetadata& newest) {
  TARN_ASSIGN(const std::string location, LocationOf(table_location, pin.name));
  nlohmann::ordered_json json = {{"name", pin.name},
                                 {"snapshot-id", pin.snapshot_id.value()},
                                 {"metadata-location", pin.metadata_location}};
  if (pin.expires_ms) json["expires-ms"] = *pin.expires_ms;
  if (pin.and_later_than) json["and-later-than"] = *pin.and_later_than;
  TARN_TRY(storage.Put(location, json.dump() + "\n", storage::PutMode::kReplace));
  const auto there = [&]() -> Result<bool> {
    TARN_ASSIGN(const std::string metadata_location, newest());
    TARN_ASSIGN(const auto table, iceberg::LoadTable(storage, metadata_location));
    return table.metadata->FindSnapshot(pin.snapshot_id) != nullptr;
  }();
  if (there && *there) return {};
  TARN_TRY(storage.Delete(location));
  if (!there) return std::unexpected(there.error());
  return Fail(ErrorKind::kNotFound, "snapshot {} of \"{}\" has expired", pin.snapshot_id.value(),
              table_location);
}

Result<> RemovePin(storage::Storage& storage, std::string_view table_location,
                   std::string_view name) {
  TARN_ASSIGN(const std::string location, LocationOf(table_location, name));
  return storage.Delete(location);
}

Result<std::vector<Pin>> ReadPins(storage::Storage& storage, std::string_view table_location,
                                  int64_t now_ms) {
  std::vector<std::string> locations;
  TARN_TRY(storage.List(FolderOf(table_location),
                        [&locations](const storage::ObjectInfo& object) -> Result<> {
                          if (object.location.ends_with(kSuffix)) {
                            locations.push_back(object.location);
                          }
                          return {};
                        }));
  std::vector<Pin> pins;
  for (const std::string& location : locations) {
    const auto text = storage.Read(location);
    // Released meanwhile.
    if (!text && text.error().kind == ErrorKind::kNotFound) continue;
    TARN_TRY(text);
    TARN_ASSIGN(Pin pin, Parse(*text, location));
    if (!pin.expires_ms || *pin.expires_ms > now_ms) pins.push_back(std::move(pin));
  }
  return pins;
}

PinnedSnapshots::Known PinnedSnapshots::Look(const std::string& table_location, int64_t now_ms) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(table_location);
    if (found != known_.end() && now_ms - found->second.read_ms < kKnownForMs &&
        now_ms >= found->second.read_ms) {
      return found->second;
    }
  }
  Known known{.read_ms = now_ms};
  const auto pins = ReadPins(*storage_, table_location, now_ms);
  known.readable = pins.has_value();
  if (!pins) spdlog::warn("nothing expires: {}", pins.error().message);
  for (const Pin& pin : pins.value_or(std::vector<Pin>())) {
    known.snapshots.push_back(pin.snapshot_id);
    if (!pin.and_later_than) continue;
    known.and_later_than =
        std::min(known.and_later_than.value_or(*pin.and_later_than), *pin.and_later_than);
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(known_,
                [&](const auto& item) { return now_ms - item.second.read_ms > kKnownForMs; });
  known_[table_location] = known;
  return known;
}

bool PinnedSnapshots::Holds(const Known& known, iceberg::SnapshotId id) {
  return !known.readable || std::ranges::find(known.snapshots, id) != known.snapshots.end();
}

iceberg::IsPinned PinnedSnapshots::Of(std::string table_location, int64_t now_ms) {
  auto known = std::make_shared<std::optional<Known>>();
  return [this, location = std::move(table_location), now_ms, known](iceberg::SnapshotId id) {
    if (!*known) *known = Look(location, now_ms);
    // Which ones are later is not known here.
    return (*known)->and_later_than || Holds(**known, id);
  };
}

iceberg::IsPinned PinnedSnapshots::Of(std::shared_ptr<const iceberg::TableMetadata> metadata,
                                      int64_t now_ms) {
  auto known = std::make_shared<std::optional<Known>>();
  return [this, metadata = std::move(metadata), now_ms, known](iceberg::SnapshotId id) {
    if (!*known) *known = Look(metadata->location, now_ms);
    if (Holds(**known, id)) return true;
    const auto& since = (*known)->and_later_than;
    const iceberg::Snapshot* const snapshot = since ? metadata->FindSnapshot(id) : nullptr;
    return snapshot != nullptr && snapshot->sequence_number.value() > *since;
  };
}

}  // namespace tarn::table
