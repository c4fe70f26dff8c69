// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

using Options = std::map<std::string, std::string>;

struct FileFormat {
  static constexpr ObjectKind kKind = ObjectKind::kFileFormat;
  std::string type = "CSV";
  Options options;  ///< as written, by their upper-case names; what is absent has its default
  bool operator==(const FileFormat&) const = default;
};

template <>
struct Fields<FileFormat> {
  static constexpr auto kAll =
      std::tuple{Field{"type", &FileFormat::type}, Field{"options", &FileFormat::options}};
};

struct Stage {
  static constexpr ObjectKind kKind = ObjectKind::kStage;
  std::string url;  ///< "": internal
  std::optional<ObjectId> storage_integration;
  Options credentials;
  Options encryption;
  std::string endpoint;
  bool directory_enabled = false;
  bool directory_auto_refresh = false;
  std::optional<int64_t> directory_refreshed_ms;
  /// Counts the refreshes that changed the directory: what streams on it remember.
  int64_t directory_version = 0;
  Options file_format;
  Options copy_options;
  bool operator==(const Stage&) const = default;
};

template <>
struct Fields<Stage> {
  static constexpr auto kAll =
      std::tuple{Field{"url", &Stage::url},
                 Field{"storage_integration_id", &Stage::storage_integration},
                 Field{"credentials", &Stage::credentials},
                 Field{"encryption", &Stage::encryption},
                 Field{"endpoint", &Stage::endpoint},
                 Field{"directory_enabled", &Stage::directory_enabled},
                 Field{"directory_auto_refresh", &Stage::directory_auto_refresh},
                 Field{"directory_refreshed_ms", &Stage::directory_refreshed_ms},
                 Field{"directory_version", &Stage::directory_version},
                 Field{"file_format", &Stage::file_format},
                 Field{"copy_options", &Stage::copy_options}};
};

/// A file that a stage's directory table lists.
struct DirectoryEntry {
  std::string relative_path;
  int64_t size = 0;
  int64_t last_modified_ms = 0;
  std::string md5, etag;
  bool operator==(const DirectoryEntry&) const = default;
};

template <>
struct Fields<DirectoryEntry> {
  static constexpr auto kAll = std::tuple{
      Field{"relative_path", &DirectoryEntry::relative_path}, Field{"size", &DirectoryEntry::size},
      Field{"last_modified_ms", &DirectoryEntry::last_modified_ms},
      Field{"md5", &DirectoryEntry::md5}, Field{"etag", &DirectoryEntry::etag}};
};

}  // namespace tarn::warehouse
