// SPDX-License-Identifier: Apache-2.0
#include "provision/engine_memory.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;

/// 0 where it is not known.
pid_t ParentOf(const fs::path& process) {
  std::ifstream file(process / "stat");
  std::string line;
  std::getline(file, line);
  // Whatever the program's name contains, the last parenthesis ends it.
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos || line.size() < name_end + 4) return 0;
  return static_cast<pid_t>(std::strtol(line.c_str() + name_end + 4, nullptr, 10));
}

bool IsEngine(const fs::path& process) {
  std::ifstream file(process / "cmdline", std::ios::binary);
  std::string program, verb;
  std::getline(file, program, '\0');
  std::getline(file, verb, '\0');
  return fs::path(program).filename() == "tarn" && verb == "engine";
}

}  // namespace

std::optional<int64_t> EngineMemoryBytes(pid_t server) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    if (!IsEngine(entry.path())) continue;
    // The engine is a child of the launcher, and that of the server.
    const pid_t launcher = ParentOf(entry.path());
    if (launcher == 0 || ParentOf("/proc/" + std::to_string(launcher)) != server) continue;
    std::ifstream file(entry.path() / "statm");
    int64_t size = 0, resident = 0;
    if (file >> size >> resident) return resident * sysconf(_SC_PAGESIZE);
  }
  return std::nullopt;
}

}  // namespace tarn::provision
