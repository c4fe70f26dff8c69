// SPDX-License-Identifier: Apache-2.0
#include "table/journal_record.h"

#include <fmt/core.h>
#include <zlib.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace tarn::table {
namespace {

using Kind = JournalRecord::Kind;
using Json = nlohmann::json;

constexpr std::array<std::string_view, 6> kKinds = {"location",  "dropped",   "expired",
                                                    "committed", "forgotten", "garbage"};
constexpr size_t kChecksumBytes = 9;  // 8 digits and a space

uint32_t Checksum(std::string_view text) {
  return static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

Json DroppedJson(const DroppedLocation& dropped) {
  return {{"location", dropped.location},
          {"metadata", dropped.metadata_location},
          {"table", dropped.table_uuid.ToString()},
          {"holder", dropped.holder}};
}

DroppedLocation ReadDropped(const Json& json) {
  return {.location = json.at("location").get<std::string>(),
          .metadata_location = json.at("metadata").get<std::string>(),
          .table_uuid = Uuid::Parse(json.at("table").get<std::string>()).value_or(Uuid{}),
          .holder = json.at("holder").get<std::string>()};
}

Json ExpiredJson(const ExpiredFiles& expired) {
  return {{"location", expired.location},
          {"metadata", expired.metadata_location},
          {"lists", expired.manifest_lists},
          {"files", expired.metadata_files},
          {"holder", expired.holder}};
}

ExpiredFiles ReadExpired(const Json& json) {
  return {.location = json.at("location").get<std::string>(),
          .metadata_location = json.at("metadata").get<std::string>(),
          .manifest_lists = json.at("lists").get<std::vector<std::string>>(),
          .metadata_files = json.at("files").get<std::vector<std::string>>(),
          .holder = json.at("holder").get<std::string>()};
}

Json GarbageJson(const GarbageBatch& batch) {
  Json json = {{"kind", "garbage"},        {"writer", batch.id.ToString()},
               {"issuer", batch.issuer},   {"mark", batch.mark},
               {"ms", batch.committed_ms}, {"expired", Json::array()},
               {"dropped", Json::array()}};
  for (const ExpiredFiles& expired : batch.expired) json["expired"].push_back(ExpiredJson(expired));
  for (const DroppedLocation& dropped : batch.dropped) {
    json["dropped"].push_back(DroppedJson(dropped));
  }
  return json;
}

GarbageBatch ReadGarbage(const Json& json, const Uuid& id) {
  GarbageBatch batch{.id = id,
                     .issuer = json.at("issuer").get<std::string>(),
                     .mark = json.at("mark").get<std::string>(),
                     .committed_ms = json.at("ms").get<int64_t>()};
  for (const Json& expired : json.at("expired")) batch.expired.push_back(ReadExpired(expired));
  for (const Json& dropped : json.at("dropped")) batch.dropped.push_back(ReadDropped(dropped));
  return batch;
}

Json Payload(const JournalRecord& record) {
  if (record.kind == Kind::kGarbage) return GarbageJson(record.garbage);
  Json json = {{"kind", kKinds[static_cast<size_t>(record.kind)]},
               {"writer", record.writer.id.ToString()}};
  if (record.kind == Kind::kCommitted) json["ms"] = record.committed_ms;
  if (record.kind == Kind::kCommitted || record.kind == Kind::kForgotten) return json;
  if (record.kind == Kind::kLocation) {
    json["location"] = record.location.location;
    json["create"] = record.location.create;
  } else {
    json.update(record.kind == Kind::kDropped ? DroppedJson(record.dropped)
                                              : ExpiredJson(record.expired));
  }
  json["issuer"] = record.writer.issuer;
  json["token"] = record.writer.token;
  return json;
}

void ReadPayload(const Json& json, JournalRecord& record) {
  switch (record.kind) {
    case Kind::kCommitted:
      json.at("ms").get_to(record.committed_ms);
      return;
    case Kind::kForgotten:
      return;
    case Kind::kLocation:
      json.at("create").get_to(record.location.create);
      json.at("location").get_to(record.location.location);
      break;
    case Kind::kDropped:
      record.dropped = ReadDropped(json);
      break;
    case Kind::kExpired:
      record.expired = ReadExpired(json);
      break;
    case Kind::kGarbage:
      record.garbage = ReadGarbage(json, record.writer.id);
      return;
  }
  json.at("issuer").get_to(record.writer.issuer);
  json.at("token").get_to(record.writer.token);
}

/// Lines of the first version: every writer was a transaction of PostgreSQL, named by its number
/// and the OID of its database.
void TranslateFirstForm(Json& json) {
  if (!json.contains("transaction")) return;
  json["writer"] = json.at("transaction");
  if (!json.contains("database")) return;
  const auto database = json.at("database").get<uint32_t>();
  json["issuer"] = "postgres";
  json["token"] = fmt::format("{}/{}", json.at("xid").get<uint64_t>(), database);
  json["holder"] = fmt::format("database {}", database);
}

}  // namespace

std::string EncodeJournalRecord(const JournalRecord& record) {
  // Names are UTF-8 in all but hostile cases; those must not throw.
  const std::string text = Payload(record).dump(-1, ' ', false, Json::error_handler_t::replace);
  return fmt::format("{:08x} {}\n", Checksum(text), text);
}

Result<JournalRecord> DecodeJournalRecord(std::string_view line) {
  const auto malformed = [] { return Fail(ErrorKind::kCorruption, "malformed journal record"); };
  uint32_t checksum = 0;
  if (line.size() <= kChecksumBytes || line[kChecksumBytes - 1] != ' ') return malformed();
  const auto [end, failure] =
      std::from_chars(line.data(), line.data() + kChecksumBytes - 1, checksum, 16);
  const std::string_view text = line.substr(kChecksumBytes);
  if (failure != std::errc() || end != line.data() + kChecksumBytes - 1 ||
      checksum != Checksum(text)) {
    return malformed();
  }
  try {
    Json json = Json::parse(text);
    TranslateFirstForm(json);
    JournalRecord record;
    const auto kind = json.at("kind").get<std::string>();
    size_t index = 0;
    while (index < kKinds.size() && kKinds[index] != kind) ++index;
    if (index == kKinds.size()) return malformed();
    record.kind = static_cast<Kind>(index);
    TARN_ASSIGN(record.writer.id, Uuid::Parse(json.at("writer").get<std::string>()));
    ReadPayload(json, record);
    return record;
  } catch (const Json::exception&) {
    return malformed();
  }
}

}  // namespace tarn::table
