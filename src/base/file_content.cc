// SPDX-License-Identifier: Apache-2.0
#include "base/file_content.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace tarn {

Result<std::optional<std::string>> ReadFileIfPresent(const std::string& path) {
  const auto failed = [&](int error_number) {
    return Fail(ErrorKind::kUnavailable, "could not read \"{}\": {}", path,
                std::generic_category().message(error_number));
  };
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return std::nullopt;
  if (file < 0) return failed(errno);
  std::string content;
  std::array<char, 64 * 1024> piece;
  for (;;) {
    const ssize_t got = read(file, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      const int error_number = got < 0 ? errno : 0;
      close(file);
      if (error_number != 0) return failed(error_number);
      return content;
    }
    content.append(piece.data(), static_cast<size_t>(got));
  }
}

}  // namespace tarn
