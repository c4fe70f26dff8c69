// SPDX-License-Identifier: Apache-2.0
#include "provision/instance_record.h"

#include <array>
#include <nlohmann/json.hpp>

namespace tarn::provision {
namespace {

using nlohmann::json;

constexpr int kRecordVersion = 1;
constexpr size_t kNameBytesMax = 63;
constexpr std::array<const char*, 3> kPhaseNames = {"unannounced", "ready", "dropping"};

Result<InstancePhase> ParsePhase(const std::string& name) {
  for (size_t i = 0; i < kPhaseNames.size(); ++i) {
    if (name == kPhaseNames[i]) return static_cast<InstancePhase>(i);
  }
  return Fail(ErrorKind::kCorruption, "unknown instance phase \"{}\"", name);
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

std::string ToJson(const InstanceRecord& record) {
  const json document = {{"version", kRecordVersion},
                         {"name", record.name},
                         {"phase", kPhaseNames[static_cast<size_t>(record.phase)]},
                         {"host", record.address.host},
                         {"port", record.address.port},
                         {"socket_directory", record.socket_directory},
                         {"pg_config", record.pg_config},
                         {"allowed_locations", record.allowed_locations},
                         {"table_locations", record.table_locations},
                         {"governed", record.governed},
                         {"with_extension", record.with_extension},
                         {"wanted_running", record.wanted_running},
                         {"purge", record.purge}};
  return document.dump(2) + "\n";
}

Result<InstanceRecord> ParseInstanceRecord(const std::string& text) {
  try {
    const json document = json::parse(text);
    if (document.at("version") != kRecordVersion) {
      return Fail(ErrorKind::kUnsupported, "the instance record has version {}",
                  document.at("version").dump());
    }
    InstanceRecord record;
    record.name = document.at("name");
    TARN_ASSIGN(record.phase, ParsePhase(document.at("phase")));
    record.address = {document.at("host"), document.at("port")};
    record.socket_directory = document.at("socket_directory");
    record.pg_config = document.at("pg_config");
    record.allowed_locations = document.at("allowed_locations").get<std::vector<std::string>>();
    // Records of earlier releases do not have them.
    record.table_locations = document.value("table_locations", std::vector<std::string>());
    record.governed = document.value("governed", false);
    record.with_extension = document.at("with_extension");
    record.wanted_running = document.at("wanted_running");
    record.purge = document.at("purge");
    return record;
  } catch (const json::exception& error) {
    return Fail(ErrorKind::kCorruption, "the instance record is damaged: {}", error.what());
  }
}

Result<> CheckInstanceName(const std::string& name) {
  bool valid = !name.empty() && name.size() <= kNameBytesMax && IsLetter(name.front());
  for (const char c : name) valid = valid && (IsLetter(c) || (c >= '0' && c <= '9') || c == '-');
  if (valid) return {};
  return std::unexpected(
      Error{ErrorKind::kInvalidArgument,
            fmt::format("invalid instance name \"{}\"", name),
            {},
            "A name starts with a letter or an underscore, goes on with letters, "
            "digits, underscores and hyphens, and has at most 63 bytes."});
}

}  // namespace tarn::provision
