// SPDX-License-Identifier: Apache-2.0
#include "server/listen_settings.h"

#include <nlohmann/json.hpp>

#include "base/file_content.h"
#include "provision/durable_file.h"

namespace tarn::server {
namespace {

constexpr unsigned kFileMode = 0644;

std::filesystem::path FileOf(const provision::DataDirectory& directory) {
  return directory.warehouse() / "listen.json";
}

}  // namespace

Result<std::optional<ListenSettings>> LoadListenSettings(
    const provision::DataDirectory& directory) {
  TARN_ASSIGN(const auto content, ReadFileIfPresent(FileOf(directory).string()));
  if (!content) return std::optional<ListenSettings>();
  ListenSettings settings;
  const auto document = nlohmann::json::parse(*content, nullptr, false);
  try {
    settings.host = document.at("host").get<std::string>();
    settings.port = document.at("port").get<int>();
    settings.http_port = document.at("http_port").get<int>();
  } catch (const nlohmann::json::exception&) {
    return std::unexpected(Error{ErrorKind::kCorruption,
                                 fmt::format("\"{}\" cannot be read", FileOf(directory).string()),
                                 {},
                                 "Remove it to get the default addresses again."});
  }
  return std::optional(settings);
}

Result<> SaveListenSettings(const provision::DataDirectory& directory,
                            const ListenSettings& settings) {
  const nlohmann::ordered_json document = {
      {"host", settings.host}, {"port", settings.port}, {"http_port", settings.http_port}};
  return provision::WriteFile(FileOf(directory), document.dump() + "\n", kFileMode);
}

}  // namespace tarn::server
