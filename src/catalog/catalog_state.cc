// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog_state.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace tarn::catalog {
namespace {

using Json = nlohmann::json;

constexpr size_t kVersionDigits = 20;
constexpr std::string_view kSuffix = ".json";

std::unexpected<Error> Malformed(std::string_view member) {
  return Fail(ErrorKind::kCorruption, "catalog state without a valid member \"{}\"", member);
}

bool ParseUuid(const Json& json, Uuid& uuid) {
  if (!json.is_string()) return false;
  const Result<Uuid> parsed = Uuid::Parse(json.get_ref<const std::string&>());
  if (parsed) uuid = *parsed;
  return parsed.has_value();
}

Result<std::pair<TableName, std::string>> ParseTable(const Json& json) {
  if (!json.is_object()) return Malformed("tables");
  const auto name = json.find("name");
  const auto location = json.find("metadata-location");
  if (name == json.end() || !name->is_array() || name->empty() || location == json.end() ||
      !location->is_string()) {
    return Malformed("tables");
  }
  TableName table;
  for (const Json& part : *name) {
    if (!part.is_string()) return Malformed("tables");
    table.name_space.push_back(part.get<std::string>());
  }
  table.name = std::move(table.name_space.back());
  table.name_space.pop_back();
  return std::pair(std::move(table), location->get<std::string>());
}

}  // namespace

CatalogState NextState(const CatalogState& base, std::map<TableName, std::string> tables,
                       Uuid commit) {
  CatalogState next;
  next.version = base.version + 1;
  next.commit = commit;
  next.metadata_locations = std::move(tables);
  if (base.version > 0) next.recent_commits.push_back(base.commit);
  const size_t kept = std::min(base.recent_commits.size(), kRecentCommits - 1);
  next.recent_commits.insert(next.recent_commits.end(), base.recent_commits.begin(),
                             base.recent_commits.begin() + static_cast<std::ptrdiff_t>(kept));
  return next;
}

std::string SerializeCatalogState(const CatalogState& state) {
  Json recent = Json::array();
  for (const Uuid& commit : state.recent_commits) recent.push_back(commit.ToString());
  Json tables = Json::array();
  for (const auto& [table, location] : state.metadata_locations) {
    Json name = table.name_space;
    name.push_back(table.name);
    tables.push_back({{"name", std::move(name)}, {"metadata-location", location}});
  }
  const Json document = {{"version", state.version},
                         {"commit", state.commit.ToString()},
                         {"recent-commits", std::move(recent)},
                         {"tables", std::move(tables)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<CatalogState> ParseCatalogState(std::string_view json) {
  const Json document = Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) {
    return Fail(ErrorKind::kCorruption, "catalog state is no JSON object");
  }
  CatalogState state;
  const auto version = document.find("version");
  if (version == document.end() || !version->is_number_integer()) return Malformed("version");
  state.version = version->get<int64_t>();
  const auto commit = document.find("commit");
  if (commit == document.end() || !ParseUuid(*commit, state.commit)) return Malformed("commit");
  const auto recent = document.find("recent-commits");
  if (recent == document.end() || !recent->is_array()) return Malformed("recent-commits");
  for (const Json& item : *recent) {
    if (!ParseUuid(item, state.recent_commits.emplace_back())) return Malformed("recent-commits");
  }
  const auto tables = document.find("tables");
  if (tables == document.end() || !tables->is_array()) return Malformed("tables");
  for (const Json& item : *tables) {
    TARN_ASSIGN(auto table, ParseTable(item));
    state.metadata_locations.insert(std::move(table));
  }
  return state;
}

std::string StateLocation(std::string_view catalog_location, int64_t version) {
  return fmt::format("{}/catalog/{:020}{}", catalog_location, version, kSuffix);
}

int64_t StateVersion(std::string_view object_location) {
  const size_t slash = object_location.rfind('/');
  std::string_view name = object_location.substr(slash == std::string_view::npos ? 0 : slash + 1);
  if (name.size() != kVersionDigits + kSuffix.size() || !name.ends_with(kSuffix)) return -1;
  name.remove_suffix(kSuffix.size());
  int64_t version = 0;
  const auto result = std::from_chars(name.data(), name.data() + name.size(), version);
  return result.ec == std::errc() && result.ptr == name.data() + name.size() ? version : -1;
}

}  // namespace tarn::catalog
