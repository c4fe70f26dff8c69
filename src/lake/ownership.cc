// SPDX-License-Identifier: Apache-2.0
#include "lake/ownership.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace tarn::lake {
namespace {

constexpr int kClaimAttempts = 8;

std::string Serialize(const Owner& owner) {
  nlohmann::ordered_json json;
  json["format"] = 1;
  json["table-uuid"] = owner.table_uuid.ToString();
  json["node"] = owner.node.ToString();
  json["system-identifier"] = std::to_string(owner.system_identifier);
  json["database-oid"] = owner.database_oid;
  json["timeline"] = owner.timeline;
  json["transaction"] = owner.transaction.ToString();
  return json.dump(2) + "\n";
}

Result<Owner> Parse(const std::string& text, std::string_view location) {
  const auto malformed = [&] {
    return Fail(ErrorKind::kCorruption, "malformed owner file \"{}\"", location);
  };
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return malformed();
  const auto uuid = [&json](const char* key) -> Result<Uuid> {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_string()) return Uuid::Parse("");
    return Uuid::Parse(found->get<std::string>());
  };
  const auto table = uuid("table-uuid");
  const auto node = uuid("node");
  const auto transaction = uuid("transaction");
  const auto system = json.find("system-identifier");
  const auto database = json.find("database-oid");
  if (!table || !node || !transaction || system == json.end() || !system->is_string() ||
      database == json.end() || !database->is_number_unsigned()) {
    return malformed();
  }
  Owner owner{.table_uuid = *table, .node = *node, .transaction = *transaction};
  owner.system_identifier = strtoull(system->get<std::string>().c_str(), nullptr, 10);
  owner.database_oid = database->get<uint32_t>();
  const auto timeline = json.find("timeline");
  if (timeline != json.end() && timeline->is_number_unsigned()) {
    owner.timeline = timeline->get<uint32_t>();
  }
  return owner;
}

bool IsClaimOf(const Result<Owner>& found, const Owner& owner) {
  return found && found->table_uuid == owner.table_uuid && found->transaction == owner.transaction;
}

}  // namespace

std::string OwnerFileLocation(std::string_view table_location) {
  return fmt::format("{}/metadata/tarn-owner.json", table_location);
}

Result<Owner> ReadOwner(storage::Storage& storage, std::string_view table_location) {
  const std::string location = OwnerFileLocation(table_location);
  TARN_ASSIGN(const std::string text, storage.Read(location));
  return Parse(text, location);
}

Result<std::string> ClaimLocation(storage::Storage& storage, const std::string& location,
                                  const Owner& owner,
                                  const std::function<Result<>(const std::string&)>& before_claim) {
  std::string candidate = location;
  for (int attempt = 0; attempt < kClaimAttempts; ++attempt) {
    TARN_TRY(before_claim(candidate));
    const auto put =
        storage.Put(OwnerFileLocation(candidate), Serialize(owner), storage::PutMode::kIfAbsent);
    if (put) return candidate;
    if (put.error().kind != ErrorKind::kAlreadyExists &&
        put.error().kind != ErrorKind::kCommitStateUnknown) {
      return std::unexpected(put.error());
    }
    if (IsClaimOf(ReadOwner(storage, candidate), owner)) return candidate;
    if (put.error().kind == ErrorKind::kCommitStateUnknown) return std::unexpected(put.error());
    candidate = fmt::format("{}-{}", location, Uuid::Random().ToString().substr(0, 8));
  }
  return Fail(ErrorKind::kConflict, "could not find a free location beside \"{}\"", location);
}

Result<> CheckOwner(storage::Storage& storage, const std::string& location, const Owner& owner) {
  const auto found = ReadOwner(storage, location);
  if (!found && found.error().kind != ErrorKind::kNotFound) return std::unexpected(found.error());
  if (found && found->table_uuid == owner.table_uuid && found->node == owner.node &&
      found->database_oid == owner.database_oid) {
    return {};
  }
  std::unexpected<Error> error =
      Fail(ErrorKind::kPermissionDenied, "location \"{}\" belongs to another database or server",
           location);
  error.error().detail =
      found ? fmt::format("Its owner is database {} of server {}, node {}.", found->database_oid,
                          found->system_identifier, found->node.ToString())
            : "Its owner file is missing.";
  error.error().hint =
      "If no other server writes to it any more, take it over with tarn.adopt_table().";
  return error;
}

Result<> AdoptLocation(storage::Storage& storage, const std::string& location, const Owner& owner) {
  const auto found = ReadOwner(storage, location);
  if (found && found->table_uuid != owner.table_uuid) {
    return Fail(ErrorKind::kConflict, "location \"{}\" holds another table, {}", location,
                found->table_uuid.ToString());
  }
  return storage.Put(OwnerFileLocation(location), Serialize(owner), storage::PutMode::kReplace);
}

Result<> ReleaseLocation(storage::Storage& storage, const std::string& location,
                         const Uuid& transaction) {
  const auto found = ReadOwner(storage, location);
  if (!found && found.error().kind == ErrorKind::kNotFound) return {};
  // A torn claim is ours: this is only called for locations that the transaction tried to claim.
  if (!found && found.error().kind != ErrorKind::kCorruption) return std::unexpected(found.error());
  if (found && found->transaction != transaction) return {};
  return storage.Delete(OwnerFileLocation(location));
}

}  // namespace tarn::lake
