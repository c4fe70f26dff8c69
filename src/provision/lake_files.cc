// SPDX-License-Identifier: Apache-2.0
#include "provision/lake_files.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <regex>

#include "provision/durable_file.h"

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;

std::string Lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::vector<fs::path> OwnedTables(const fs::path& root, const std::vector<std::string>& nodes) {
  std::vector<fs::path> tables;
  std::error_code ignored;
  fs::recursive_directory_iterator entries(root, fs::directory_options::skip_permission_denied,
                                           ignored);
  for (; entries != fs::recursive_directory_iterator(); entries.increment(ignored)) {
    if (!entries->is_directory(ignored) || entries->is_symlink(ignored)) continue;
    auto content = ReadFile(entries->path() / kOwnerFile);
    if (!content) continue;
    const auto document = nlohmann::json::parse(*content, nullptr, false);
    if (!document.is_object() || !document.contains("node") || !document["node"].is_string()) {
      continue;
    }
    if (std::ranges::find(nodes, Lower(document["node"])) != nodes.end()) {
      tables.push_back(entries->path());
      entries.disable_recursion_pending();
    }
  }
  return tables;
}

// Everything but the owner file first: a crash in between leaves a table that is still known as
// ours.
Result<> RemoveTable(const fs::path& table) {
  const fs::path owner = table / kOwnerFile;
  std::vector<fs::path> first;
  std::error_code error;
  for (const fs::path& folder : {table, owner.parent_path()}) {
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path() != owner.parent_path() && entry.path() != owner) {
        first.push_back(entry.path());
      }
    }
  }
  for (const fs::path& path : first) TARN_TRY(RemoveTree(path));
  return RemoveTree(table);
}

}  // namespace

Result<std::vector<std::string>> NodeIds(const fs::path& cluster) {
  static const std::regex kUuid("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  std::vector<std::string> nodes;
  auto content = ReadFile(cluster / "tarn" / "journal" / "node");
  if (!content) {
    if (content.error().kind == ErrorKind::kNotFound) return nodes;
    return std::unexpected(std::move(content).error());
  }
  for (std::sregex_iterator match(content->begin(), content->end(), kUuid), end; match != end;
       ++match) {
    nodes.push_back(Lower(match->str()));
  }
  return nodes;
}

Result<int> RemoveOwnedTables(const fs::path& root, const std::vector<std::string>& nodes) {
  int removed = 0;
  if (nodes.empty()) return removed;
  for (const fs::path& table : OwnedTables(root, nodes)) {
    TARN_TRY(RemoveTable(table));
    ++removed;
    // Stops at the first folder that somebody else uses.
    std::error_code error;
    for (fs::path parent = table.parent_path(); parent != root && fs::remove(parent, error);
         parent = parent.parent_path()) {
    }
  }
  return removed;
}

}  // namespace tarn::provision
