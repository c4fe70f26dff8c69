// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/storage.h"

namespace tarn::warehouse {

/// PUT or GET, as whoever speaks to the client carries it out: the files are the client's, the
/// stage's are here. A plain value. The role may do it at the moment of the statement.
struct FileTransfer {
  /// A file of GET.
  struct File {
    std::string name;  ///< below `location`
    int64_t size_bytes = 0;
  };

  bool upload = true;
  /// Without "file://": files, maybe a glob, or of GET a directory.
  std::string local;
  std::string location;  ///< of the stage's files: ends with a slash
  std::vector<File> files;
  bool auto_compress = true;
  bool overwrite = false;
  std::string source_compression = "auto_detect";
  int64_t parallel = 4;
  storage::Storage* storage = nullptr;  ///< outlives it
};

}  // namespace tarn::warehouse
