// SPDX-License-Identifier: Apache-2.0
#include "capture/capture.h"

#include <cctype>

namespace tarn::capture {
namespace {

constexpr std::string_view kConnectorSlotPrefix = "sf_db_conn_rs_kbmd_";

/// What a slot's name may have (PostgreSQL, ReplicationSlotValidateName).
bool MayStandInSlot(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
}

class IdleCapture final : public Capture {
 public:
  void AddTables(std::vector<TableRequest>) override {}
  void RemoveTables(std::vector<SourceName>) override {}
  CaptureStatus status() const override { return {}; }
  Result<> CatchUp(std::chrono::milliseconds) override { return {}; }
};

}  // namespace

std::unique_ptr<Capture> Capture::Start(CaptureOptions, Destination&, std::vector<TableRequest>) {
  return std::make_unique<IdleCapture>();
}

Result<> CheckSource(const ConnectionSettings&, const std::string&) { return {}; }

std::string ConnectorSlotName(std::string_view data_source) {
  std::string name(kConnectorSlotPrefix);
  for (const char letter : data_source) {
    const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    name += MayStandInSlot(lower) ? lower : '_';
  }
  return name;
}

}  // namespace tarn::capture
