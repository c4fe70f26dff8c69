// SPDX-License-Identifier: Apache-2.0
#include "warehouse/volumes/volume_check.h"

#include <nlohmann/json.hpp>

#include "base/uuid.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::warehouse {
namespace {

constexpr const char* kPassed = "PASSED";
constexpr const char* kSkipped = "SKIPPED";

std::string Told(const Result<>& result) {
  return result ? std::string(kPassed) : result.error().message;
}

/// What was tried at one location.
struct LocationCheck {
  std::string write = kSkipped, read = kSkipped, list = kSkipped, remove = kSkipped;
  bool passed = false;
};

Result<> List(storage::Storage& storage, const std::string& base, const std::string& wanted) {
  bool found = wanted.empty();
  // One object is proof enough: the location may hold millions.
  const auto listed = storage.List(wanted.empty() ? base : wanted,
                                   [&](const storage::ObjectInfo& object) -> Result<> {
                                     found = found || object.location == wanted;
                                     return Fail(ErrorKind::kCancelled, "enough");
                                   });
  if (!listed && listed.error().kind != ErrorKind::kCancelled) return listed;
  if (found) return {};
  return Fail(ErrorKind::kNotFound, "object \"{}\" was written and is not listed", wanted);
}

LocationCheck Check(storage::Storage& storage, const std::string& base, bool writes) {
  LocationCheck check;
  if (!writes) {
    const auto listed = List(storage, base, "");
    check.list = Told(listed);
    check.passed = listed.has_value();
    return check;
  }
  const std::string content = Uuid::Random().ToString();
  const std::string location = fmt::format("{}tarn-verify-{}.tmp", base, content);
  const auto written = storage.Put(location, content, storage::PutMode::kIfAbsent);
  check.write = Told(written);
  if (!written) return check;
  const auto read = storage.Read(location);
  Result<> same;
  if (!read) {
    same = std::unexpected(read.error());
  } else if (*read != content) {
    same = Fail(ErrorKind::kCorruption, "object \"{}\" does not hold what was written", location);
  }
  const auto listed = List(storage, base, location);
  const auto removed = storage.Delete(location);
  check.read = Told(same);
  check.list = Told(listed);
  check.remove = Told(removed);
  check.passed = same && listed && removed;
  return check;
}

}  // namespace

StatementResult<Object<ExternalVolume>> FindVolume(const Snapshot& snapshot, const Caller& caller,
                                                   std::string_view name) {
  const auto parsed = ParseObjectName(name);
  if (!parsed) return DoesNotExist(ObjectKind::kExternalVolume, name);
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(ObjectHead head, Resolve(snapshot, caller, authority,
                                            ObjectKind::kExternalVolume, *parsed, "SELECT"));
  STATEMENT_TRY(authority.Require(head, kUsage));
  STATEMENT_ASSIGN(auto volume, snapshot.Find<ExternalVolume>(head.id));
  if (!volume) return DoesNotExist(ObjectKind::kExternalVolume, name);
  return Object<ExternalVolume>{std::move(head), *std::move(volume)};
}

std::string CheckVolume(storage::Storage& storage, const ExternalVolume& volume) {
  std::string selection = "no storage location can be used";
  const StorageLocation* selected = &ActiveLocation(volume);
  LocationCheck result;
  const auto try_location = [&](const StorageLocation& location) {
    const auto area = AreaOf(location);
    if (!area) {
      selection = area.error().error.message;
      return;
    }
    LocationCheck check = Check(storage, area->base, volume.allow_writes);
    if (result.passed) return;
    selected = &location;
    result = std::move(check);
    if (result.passed) selection = kPassed;
  };
  const StorageLocation& active = ActiveLocation(volume);
  try_location(active);
  for (const StorageLocation& location : volume.locations) {
    if (location.name != active.name) try_location(location);
  }
  nlohmann::ordered_json json;
  json["success"] = result.passed;
  json["storageLocationSelectionResult"] = selection;
  json["storageLocationName"] = selected->name;
  json["servicePrincipalProperties"] =
      fmt::format("STORAGE_AWS_IAM_USER_ARN: {}; STORAGE_AWS_EXTERNAL_ID: {}",
                  selected->aws_iam_user_arn, selected->aws_external_id);
  json["location"] = selected->base_url;
  json["storageAccount"] = nullptr;
  json["region"] = nullptr;
  json["writeResult"] = result.write;
  json["readResult"] = result.read;
  json["listResult"] = result.list;
  json["deleteResult"] = result.remove;
  json["awsRoleArnValidationResult"] = kSkipped;  // nobody is asked about roles
  json["azureGetUserDelegationKeyResult"] = kSkipped;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace tarn::warehouse
