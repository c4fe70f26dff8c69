// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/source_settings.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/file_content.h"

namespace tarn::warehouse {
namespace {

using nlohmann::json;

constexpr std::string_view kVariable = "SNOWFLAKE_DATASOURCES_";
constexpr size_t kNameMax = 50;
constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  return upper;
}

Result<std::string> CanonicalName(std::string_view written) {
  std::string name = UpperCase(written);
  const auto allowed = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (!name.empty() && name.size() <= kNameMax && std::ranges::all_of(name, allowed)) return name;
  return Fail(ErrorKind::kInvalidArgument,
              "\"{}\" is no name of a data source: it has letters and digits only", written);
}

/// The members of a data source that are texts, by the file's names.
struct TextMember {
  std::string_view key;
  std::string SourceSettings::* member;
};
constexpr std::array kTexts = {TextMember{"url", &SourceSettings::url},
                               TextMember{"username", &SourceSettings::username},
                               TextMember{"password", &SourceSettings::password},
                               TextMember{"publication", &SourceSettings::publication}};
constexpr std::string_view kSsl = "ssl";
constexpr std::string_view kSlotLimit = "slotLimit";
constexpr std::string_view kFlushInterval = "flushInterval";
/// So that it can be told in bytes.
constexpr int64_t kMegabytesMax = int64_t{1} << 40;
/// An hour: what waits is in memory, and its log in the source.
constexpr int64_t kIntervalLeastMs = 100, kIntervalMostMs = 3'600'000;

/// "512MB", "10GB", "2TB"; "0".
std::optional<int64_t> ParseMegabytes(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || number > kMegabytesMax) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  if (unit == "GB") {
    number <<= 10;
  } else if (unit == "TB") {
    number <<= 20;
  } else if (unit != "MB" && (!unit.empty() || number != 0)) {
    return std::nullopt;
  }
  return number <= kMegabytesMax ? std::optional(number) : std::nullopt;
}

/// "500ms", "5s", "2min".
std::optional<int64_t> ParseInterval(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  const int64_t factor = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "min" ? 60'000 : 0;
  if (error != std::errc() || factor == 0 || number < 0 || number > kIntervalMostMs) {
    return std::nullopt;
  }
  number *= factor;
  if (number < kIntervalLeastMs || number > kIntervalMostMs) return std::nullopt;
  return number;
}

Result<SourceSettings> ParseSource(const std::string& name, const json& members) {
  SourceSettings settings;
  if (!members.is_object()) {
    return Fail(ErrorKind::kInvalidArgument, "data source \"{}\" is no JSON object", name);
  }
  for (const auto& [key, value] : members.items()) {
    const auto text = std::ranges::find(kTexts, key, &TextMember::key);
    if (key == kSlotLimit) {
      const auto limit =
          value.is_string() ? ParseMegabytes(value.get<std::string>()) : std::nullopt;
      if (!limit) {
        return Fail(ErrorKind::kInvalidArgument,
                    "\"{}\" of data source \"{}\" is not a size as \"10GB\"", key, name);
      }
      settings.slot_limit_mb = *limit;
      continue;
    }
    if (key == kFlushInterval) {
      const auto interval =
          value.is_string() ? ParseInterval(value.get<std::string>()) : std::nullopt;
      if (!interval) {
        return Fail(ErrorKind::kInvalidArgument,
                    "\"{}\" of data source \"{}\" is not a time from 100ms to 60min", key, name);
      }
      settings.flush_interval_ms = *interval;
      continue;
    }
    if (text == kTexts.end() && key != kSsl) {
      return Fail(ErrorKind::kInvalidArgument, "data source \"{}\" has an unknown key \"{}\"", name,
                  key);
    }
    const bool fits = key == kSsl ? value.is_boolean() : value.is_string();
    if (!fits) {
      return Fail(ErrorKind::kInvalidArgument, "\"{}\" of data source \"{}\" is not a {}", key,
                  name, key == kSsl ? "truth value" : "text");
    }
    if (key == kSsl) {
      settings.ssl = value.get<bool>();
    } else {
      settings.*(text->member) = value.get<std::string>();
    }
  }
  return settings;
}

}  // namespace

Result<AllSourceSettings> ParseSourceSettings(std::string_view text) {
  const json parsed = json::parse(text, nullptr, false);
  // What the parser would say of the text might show a part of a password.
  if (!parsed.is_object()) {
    return Fail(ErrorKind::kInvalidArgument, "the data sources are no JSON object");
  }
  AllSourceSettings all;
  for (const auto& [written, members] : parsed.items()) {
    TARN_ASSIGN(const std::string name, CanonicalName(written));
    TARN_ASSIGN(SourceSettings settings, ParseSource(name, members));
    if (all.emplace(name, std::move(settings)).second) continue;
    return Fail(ErrorKind::kInvalidArgument, "there are two data sources \"{}\"", name);
  }
  return all;
}

Result<> ApplyEnvironment(const char* const* environment, AllSourceSettings& settings) {
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view variable = *environment;
    if (!variable.starts_with(kVariable)) continue;
    const size_t equals = variable.find('=');
    const std::string_view path = variable.substr(kVariable.size(), equals - kVariable.size());
    const size_t underscore = path.rfind('_');
    if (equals == std::string_view::npos || underscore == std::string_view::npos) continue;
    const std::string_view value = variable.substr(equals + 1);
    TARN_ASSIGN(const std::string name, CanonicalName(path.substr(0, underscore)));
    const std::string key = UpperCase(path.substr(underscore + 1));
    const auto text = std::ranges::find_if(
        kTexts, [&](const TextMember& member) { return UpperCase(member.key) == key; });
    if (text != kTexts.end()) {
      settings[name].*(text->member) = value;
    } else if (key == UpperCase(kSsl)) {
      if (value != "true" && value != "false") {
        return Fail(ErrorKind::kInvalidArgument, "{}{} is neither true nor false", kVariable, path);
      }
      settings[name].ssl = value == "true";
    } else if (key == UpperCase(kSlotLimit)) {
      const auto limit = ParseMegabytes(value);
      if (!limit) {
        return Fail(ErrorKind::kInvalidArgument, "{}{} is not a size as 10GB", kVariable, path);
      }
      settings[name].slot_limit_mb = *limit;
    } else if (key == UpperCase(kFlushInterval)) {
      const auto interval = ParseInterval(value);
      if (!interval) {
        return Fail(ErrorKind::kInvalidArgument, "{}{} is not a time from 100ms to 60min",
                    kVariable, path);
      }
      settings[name].flush_interval_ms = *interval;
    } else {
      return Fail(ErrorKind::kInvalidArgument, "{}{} is no setting of a data source", kVariable,
                  path);
    }
  }
  return {};
}

Result<capture::ConnectionSettings> ConnectionOf(const SourceSettings& settings) {
  for (const TextMember& member : kTexts) {
    if (member.key == "password" || !(settings.*(member.member)).empty()) continue;
    return Fail(ErrorKind::kInvalidArgument, "the data source has no {}", member.key);
  }
  TARN_ASSIGN(capture::ConnectionSettings connection, settings.url.starts_with("postgres")
                                                          ? capture::ParsePostgresUrl(settings.url)
                                                          : capture::ParseJdbcUrl(settings.url));
  connection.keywords["user"] = settings.username;
  connection.password = settings.password;
  // As the agent's driver has it: what the URL says counts.
  if (settings.ssl) connection.keywords.emplace("sslmode", "verify-full");
  return connection;
}

Result<> SourceSettingsFile::ReadFile() {
  struct stat status{};
  if (stat(path_.c_str(), &status) != 0) {
    version_.reset();
    known_ = AllSourceSettings();
    return {};
  }
  const Version version{
      .device = static_cast<int64_t>(status.st_dev),
      .inode = static_cast<int64_t>(status.st_ino),
      .size = status.st_size,
      .modified_ns = status.st_mtim.tv_sec * kNanosecondsPerSecond + status.st_mtim.tv_nsec};
  if (version_ == version) return {};
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    spdlog::warn("\"{}\" holds passwords and may be read by others: chmod 600 it", path_);
  }
  TARN_ASSIGN(const auto text, ReadFileIfPresent(path_));
  known_ = text ? ParseSourceSettings(*text) : AllSourceSettings();
  version_ = version;
  if (!known_) spdlog::warn("\"{}\": {}", path_, known_.error().message);
  return {};
}

Result<AllSourceSettings> SourceSettingsFile::Read() {
  if (!path_.empty()) TARN_TRY(ReadFile());
  TARN_ASSIGN(AllSourceSettings settings, known_);
  TARN_TRY(ApplyEnvironment(environ, settings));
  return settings;
}

}  // namespace tarn::warehouse
