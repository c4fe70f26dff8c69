// SPDX-License-Identifier: Apache-2.0
#include "base/logging.h"

#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <string>

namespace tarn {

Result<> StartLogging(std::string_view name, std::string_view level) {
  static constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error"};
  bool known = false;
  for (const std::string_view candidate : kLevels) known |= candidate == level;
  if (!known) {
    return Fail(ErrorKind::kInvalidArgument,
                "unknown log level \"{}\": expected debug, info, warn or error", level);
  }
  auto logger = std::make_shared<spdlog::logger>(std::string(name),
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %n[%P] %l: %v");
  logger->set_level(spdlog::level::from_str(std::string(level)));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

}  // namespace tarn
