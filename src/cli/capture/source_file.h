// SPDX-License-Identifier: Apache-2.0
// The data directory's datasources.json, which people write by hand, too: what they wrote stays.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "provision/account.h"

namespace tarn::cli {

/// How the warehouse reaches one data source. A plain value; the password stands in no message.
struct SourceEntry {
  std::string url;  ///< "postgresql://…", without user and password
  std::string username, password, publication;
  std::optional<std::string> flush_interval;  ///< "5s"; absent: the warehouse's own
  bool operator==(const SourceEntry&) const = default;
};

/// Readable by its owner alone. One process at a time changes it.
class SourceFile {
 public:
  /// Written by root, it becomes the account's: the warehouse has to read it.
  SourceFile(std::filesystem::path path, provision::Account owner)
      : path_(std::move(path)), owner_(std::move(owner)) {}

  /// Absent: there is none of this name, in any case. InvalidArgument for a file that is no such.
  Result<std::optional<SourceEntry>> Find(const std::string& name) const;
  /// What else the entry says stays as it is.
  Result<> Put(const std::string& name, const SourceEntry& entry);
  Result<> Remove(const std::string& name);

 private:
  std::filesystem::path path_;
  provision::Account owner_;
};

}  // namespace tarn::cli
