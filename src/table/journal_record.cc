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

constexpr std::array<std::string_view, 5> kKinds = {"location", "dropped", "expired", "committed",
                                                    "forgotten"};
constexpr size_t kChecksumBytes = 9;  // 8 digits and a space

uint32_t Checksum(std::string_view text) {
  return static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

Json Payload(const JournalRecord& record) {
  Json json = {{"kind", kKinds[static_cast<size_t>(record.kind)]},
               {"writer", record.writer.id.ToString()}};
  if (record.kind == Kind::kCommitted) json["ms"] = record.committed_ms;
  if (record.kind == Kind::kCommitted || record.kind == Kind::kForgotten) return json;
  json["issuer"] = record.writer.issuer;
  json["token"] = record.writer.token;
  if (record.kind == Kind::kLocation) {
    json["location"] = record.location.location;
    json["create"] = record.location.create;
  } else if (record.kind == Kind::kDropped) {
    json["location"] = record.dropped.location;
    json["metadata"] = record.dropped.metadata_location;
    json["table"] = record.dropped.table_uuid.ToString();
    json["holder"] = record.dropped.holder;
  } else {
    json["location"] = record.expired.location;
    json["metadata"] = record.expired.metadata_location;
    json["lists"] = record.expired.manifest_lists;
    json["files"] = record.expired.metadata_files;
    json["holder"] = record.expired.holder;
  }
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
      json.at("location").get_to(record.dropped.location);
      json.at("metadata").get_to(record.dropped.metadata_location);
      record.dropped.table_uuid = Uuid::Parse(json.at("table").get<std::string>()).value_or(Uuid{});
      json.at("holder").get_to(record.dropped.holder);
      break;
    case Kind::kExpired:
      json.at("location").get_to(record.expired.location);
      json.at("metadata").get_to(record.expired.metadata_location);
      json.at("lists").get_to(record.expired.manifest_lists);
      json.at("files").get_to(record.expired.metadata_files);
      json.at("holder").get_to(record.expired.holder);
      break;
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
