// SPDX-License-Identifier: Apache-2.0
#include "table/ownership.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace tarn::table {
namespace {

constexpr int kClaimAttempts = 8;

std::string Serialize(const Owner& owner) {
  nlohmann::ordered_json json;
  json["format"] = 2;
  json["table-uuid"] = owner.table_uuid.ToString();
  json["node"] = owner.node.ToString();
  json["holder"] = owner.holder;
  json["about"] = owner.about;
  json["writer"] = owner.writer.ToString();
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// Of the first format, which only knew databases of PostgreSQL.
bool ReadFirstFormat(const nlohmann::json& json, Owner& owner) {
  const auto system = json.find("system-identifier");
  const auto database = json.find("database-oid");
  if (system == json.end() || !system->is_string() || database == json.end() ||
      !database->is_number_unsigned()) {
    return false;
  }
  owner.holder = fmt::format("database {}", database->get<uint32_t>());
  owner.about = fmt::format("server {}", system->get<std::string>());
  return true;
}

Result<Owner> Parse(const std::string& text, std::string_view location) {
  const auto malformed = [&] {
    return Fail(ErrorKind::kCorruption, "malformed owner file \"{}\"", location);
  };
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return malformed();
  const auto string = [&json](const char* key) {
    const auto found = json.find(key);
    return found == json.end() || !found->is_string() ? std::string() : found->get<std::string>();
  };
  const bool first_format = json.contains("transaction");
  const auto table = Uuid::Parse(string("table-uuid"));
  const auto node = Uuid::Parse(string("node"));
  const auto writer = Uuid::Parse(string(first_format ? "transaction" : "writer"));
  if (!table || !node || !writer) return malformed();
  Owner owner{.table_uuid = *table,
              .node = *node,
              .holder = string("holder"),
              .writer = *writer,
              .about = string("about")};
  if (first_format ? !ReadFirstFormat(json, owner) : owner.holder.empty()) return malformed();
  return owner;
}

bool IsClaimOf(const Result<Owner>& found, const Owner& owner) {
  return found && found->table_uuid == owner.table_uuid && found->writer == owner.writer;
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
      found->holder == owner.holder) {
    return {};
  }
  std::unexpected<Error> error =
      Fail(ErrorKind::kPermissionDenied, "location \"{}\" belongs to another database or server",
           location);
  error.error().detail =
      found ? fmt::format("Its owner is {}{}{}, node {}.", found->holder,
                          found->about.empty() ? "" : " of ", found->about, found->node.ToString())
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
                         const Uuid& writer) {
  const auto found = ReadOwner(storage, location);
  if (!found && found.error().kind == ErrorKind::kNotFound) return {};
  // A torn claim is ours: this is only called for locations that the writer tried to claim.
  if (!found && found.error().kind != ErrorKind::kCorruption) return std::unexpected(found.error());
  if (found && found->writer != writer) return {};
  return storage.Delete(OwnerFileLocation(location));
}

}  // namespace tarn::table
