// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/frontier.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "warehouse/session/query_names.h"

namespace tarn::warehouse {
namespace {

using Json = nlohmann::json;

constexpr const char* kFrontier = "tarn.dynamic.frontier";

Json ToJson(const FrontierSource& source) {
  Json json{{"object", source.id.value()}, {"table-uuid", source.table_uuid.ToString()}};
  if (source.version.snapshot) json["snapshot"] = source.version.snapshot->value();
  return json;
}

Result<FrontierSource> SourceOf(const Json& json) {
  const auto uuid = Uuid::Parse(json.at("table-uuid").get<std::string>());
  if (!uuid) return Fail(ErrorKind::kCorruption, "a frontier names a table without a UUID");
  FrontierSource source{.id = ObjectId(json.at("object").get<int64_t>()), .table_uuid = *uuid};
  if (json.contains("snapshot")) {
    source.version.snapshot = iceberg::SnapshotId(json.at("snapshot").get<int64_t>());
  }
  return source;
}

/// What stands for a text in the frontier, which is kept in the table's metadata.
std::string DigestOf(const sql::ExpandedText& text) {
  constexpr uint64_t kPrime = 1099511628211ULL;
  uint64_t hash = 14695981039346656037ULL;
  for (const std::string_view part : {std::string_view(text.name), std::string_view(text.text)}) {
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
    hash = (hash ^ 0xFF) * kPrime;
  }
  return fmt::format("{} {:016x}", text.function, hash);
}

/// The query, and what views and functions were when it was read: with any of them it changes.
std::string DefinitionOf(const sql::BoundQuery& query, std::string text) {
  std::set<std::string> digests;
  for (const sql::ExpandedText& each : query.expanded) digests.insert(DigestOf(each));
  for (const std::string& digest : digests) text += "\n-- " + digest;
  return text;
}

}  // namespace

Frontier FrontierOf(const sql::BoundQuery& query, int64_t data_timestamp_ms,
                    std::string definition) {
  std::map<ObjectId, FrontierSource> sources;
  for (const sql::BoundTable& bound : query.tables) {
    const auto& pinned = *static_cast<const PinnedTable*>(bound.table.handle.get());
    if (pinned.loaded.metadata == nullptr) continue;
    sources[pinned.head.id] = {.id = pinned.head.id,
                               .table_uuid = pinned.loaded.metadata->table_uuid,
                               .version = {pinned.loaded.metadata->current_snapshot_id}};
  }
  Frontier frontier{.data_timestamp_ms = data_timestamp_ms,
                    .definition = DefinitionOf(query, std::move(definition))};
  for (auto& [id, source] : sources) frontier.sources.push_back(std::move(source));
  return frontier;
}

std::map<std::string, std::string> ToProperties(const Frontier& frontier) {
  Json sources = Json::array();
  for (const FrontierSource& source : frontier.sources) sources.push_back(ToJson(source));
  const Json json{{"sources", std::move(sources)},
                  {"data-timestamp-ms", frontier.data_timestamp_ms},
                  {"definition", frontier.definition}};
  return {{kFrontier, json.dump()}};
}

Result<std::optional<Frontier>> FrontierOf(const std::map<std::string, std::string>& properties) {
  const auto found = properties.find(kFrontier);
  if (found == properties.end()) return std::nullopt;
  try {
    const Json json = Json::parse(found->second);
    Frontier frontier{.data_timestamp_ms = json.at("data-timestamp-ms").get<int64_t>(),
                      .definition = json.at("definition").get<std::string>()};
    for (const Json& each : json.at("sources")) {
      TARN_ASSIGN(frontier.sources.emplace_back(), SourceOf(each));
    }
    return frontier;
  } catch (const Json::exception& error) {
    return Fail(ErrorKind::kCorruption, "property {} is malformed: {}", kFrontier, error.what());
  }
}

}  // namespace tarn::warehouse
