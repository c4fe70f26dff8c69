// SPDX-License-Identifier: Apache-2.0
// For tests. Files of other implementations, which stand beside the checkout and not in it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "base/testing/source_directory.h"

namespace tarn::iceberg {

/// `$TARN_ICEBERG_FIXTURES`, or `shared/data/iceberg_fixtures` beside the sources or above.
inline std::optional<std::filesystem::path> ForeignFixtures() {
  namespace fs = std::filesystem;
  if (const char* stated = std::getenv("TARN_ICEBERG_FIXTURES")) return fs::path(stated);
  for (fs::path at = fs::path(SourceDirectory()).parent_path(); at != at.root_path();
       at = at.parent_path()) {
    if (fs::path found = at / "shared" / "data" / "iceberg_fixtures"; fs::is_directory(found)) {
      return found;
    }
  }
  return std::nullopt;
}

inline std::string ReadFixture(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// JSON files of one folder whose names begin so, in order.
inline std::vector<std::filesystem::path> FixturesNamed(const std::filesystem::path& folder,
                                                        const std::string& prefix) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(".json")) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The name says that the file is broken.
inline bool MustBeRefused(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  for (const char* mark : {"Missing", "NotFound", "Unsupported", "NoValid", "Invalid"}) {
    if (name.find(mark) != std::string::npos) return true;
  }
  return false;
}

}  // namespace tarn::iceberg
