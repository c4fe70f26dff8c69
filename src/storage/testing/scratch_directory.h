// SPDX-License-Identifier: Apache-2.0
// For tests.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace tarn::storage {

/// A new empty directory, removed with everything in it at the end. Where TARN_TEST_TMP is set, it
/// is made there.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    const char* parent = getenv("TARN_TEST_TMP");
    std::string path = (parent != nullptr ? std::string(parent)
                                          : std::filesystem::temp_directory_path().string()) +
                       "/tarn-test-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) abort();
    path_ = path;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace tarn::storage
