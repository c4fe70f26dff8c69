// SPDX-License-Identifier: Apache-2.0
#include "provision/instances.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "provision/address_holder.h"
#include "provision/lake_files.h"
#include "provision/process.h"
#include "provision/server_config.h"

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFilePrefix = "file://";

}  // namespace

std::string_view ToString(InstanceState state) {
  switch (state) {
    case InstanceState::kRunning:
      return "running";
    case InstanceState::kStarting:
      return "starting";
    case InstanceState::kStopped:
      return "stopped";
    case InstanceState::kIncomplete:
      return "incomplete";
    case InstanceState::kDropping:
      return "dropping";
    case InstanceState::kDamaged:
      return "damaged";
  }
  return "damaged";
}

Result<const Runtime*> Instances::RuntimeOf(const InstanceRecord& record) const {
  const auto found = runtimes_.find(record.pg_config);
  if (found == runtimes_.end()) {
    return Fail(ErrorKind::kNotFound, "the PostgreSQL of instance \"{}\" (\"{}\") was not found",
                record.name, record.pg_config);
  }
  return &found->second;
}

Result<InstanceRecord> Instances::ReadRecord(const std::string& name) const {
  TARN_TRY(CheckInstanceName(name));
  auto content = ReadFile(Folder(name).record());
  if (!content) {
    if (content.error().kind != ErrorKind::kNotFound) {
      return std::unexpected(std::move(content).error());
    }
    return Fail(ErrorKind::kNotFound, "instance \"{}\" does not exist", name);
  }
  return ParseInstanceRecord(*content);
}

Result<> Instances::WriteRecord(const InstanceFolder& folder, const InstanceRecord& record) const {
  return WriteFile(folder.record(), ToJson(record), 0600);
}

Result<std::vector<InstanceStatus>> Instances::List() const {
  std::vector<InstanceStatus> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_.instances(), error)) {
    const std::string name = entry.path().filename();
    if (name.starts_with('.') || !CheckInstanceName(name)) continue;
    auto status = Get(name);
    if (!status) {
      status = InstanceStatus{.record = {.name = name}, .state = InstanceState::kDamaged};
    }
    all.push_back(std::move(*status));
  }
  if (error) {
    return Fail(ErrorKind::kPermissionDenied, "could not list \"{}\": {}",
                directory_.instances().string(), error.message());
  }
  std::ranges::sort(all, {}, [](const InstanceStatus& status) { return status.record.name; });
  return all;
}

Result<InstanceStatus> Instances::Get(const std::string& name) const {
  InstanceStatus status;
  TARN_ASSIGN(status.record, ReadRecord(name));
  status.pid = RunningServer(Folder(name));
  switch (status.record.phase) {
    case InstancePhase::kUnannounced:
      status.state = InstanceState::kIncomplete;
      break;
    case InstancePhase::kDropping:
      status.state = InstanceState::kDropping;
      break;
    case InstancePhase::kReady:
      status.state = !status.pid                   ? InstanceState::kStopped
                     : ServerAccepts(Folder(name)) ? InstanceState::kRunning
                                                   : InstanceState::kStarting;
      break;
  }
  return status;
}

std::vector<ListenAddress> Instances::TakenAddresses() const {
  std::vector<ListenAddress> taken;
  if (auto all = List()) {
    for (const InstanceStatus& status : *all) taken.push_back(status.record.address);
  }
  return taken;
}

Result<> Instances::SweepEntry(const fs::path& entry) const {
  const std::string name = entry.filename();
  if (name.starts_with(kBuildPrefix) || name.starts_with(kRemovedPrefix)) {
    TARN_TRY(KillLeftovers(entry));
    return RemoveTree(entry);
  }
  if (name.starts_with('.')) return {};
  auto record = ReadRecord(name);
  if (record && record->phase == InstancePhase::kDropping) TARN_TRY(FinishDrop(*record));
  return {};
}

Result<FileLock> Instances::LockAndSweep() const {
  TARN_ASSIGN(FileLock lock, FileLock::Acquire(directory_.lock_file(), true));
  std::vector<fs::path> entries;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory_.instances(), error)) {
    entries.push_back(entry.path());
  }
  for (const fs::path& entry : entries) TARN_TRY(SweepEntry(entry));
  return lock;
}

Result<> Instances::WriteConfiguration(const InstanceFolder& folder,
                                       const InstanceRecord& record) const {
  TARN_ASSIGN(const Runtime* runtime, RuntimeOf(record));
  TARN_ASSIGN(const std::string text,
              ServerConfiguration({.name = record.name,
                                   .address = record.address,
                                   .socket_directory = record.socket_directory,
                                   .log_directory = Folder(record.name).logs(),
                                   .tarn_executable = runtime->tarn_executable,
                                   .buckets_directory = directory_.buckets(),
                                   .allowed_locations = record.allowed_locations,
                                   .table_locations = record.table_locations,
                                   .with_extension = record.with_extension}));
  return WriteFile(folder.cluster() / "tarn.conf", text, 0600);
}

Result<> Instances::StartLocked(InstanceRecord& record) const {
  const InstanceFolder folder = Folder(record.name);
  TARN_ASSIGN(const Runtime* runtime, RuntimeOf(record));
  TARN_ASSIGN(record.socket_directory, PrepareSocketDirectory(folder));
  TARN_TRY(WriteConfiguration(folder, record));
  TARN_TRY(StartServer(*runtime, folder));
  return WriteRecord(folder, record);
}

Result<bool> Instances::Start(const std::string& name, bool remember) {
  TARN_ASSIGN(const FileLock lock, LockAndSweep());
  TARN_ASSIGN(InstanceRecord record, ReadRecord(name));
  if (record.phase != InstancePhase::kReady) {
    return std::unexpected(Error{ErrorKind::kInvalidArgument,
                                 fmt::format("instance \"{}\" was never completed", name),
                                 {},
                                 fmt::format("Make it anew with: tarn instance create {}", name)});
  }
  if (remember && !record.wanted_running) {
    record.wanted_running = true;
    TARN_TRY(WriteRecord(Folder(name), record));
  }
  if (RunningServer(Folder(name))) return false;
  if (!IsFree(record.address)) {
    return std::unexpected(
        Error{ErrorKind::kUnavailable,
              fmt::format("address {}:{} of instance \"{}\" is in use", record.address.host,
                          record.address.port, name),
              fmt::format("It is held by {}.", DescribeHolder(record.address)),
              "Stop what holds it, and the instance starts; clients know it by this address."});
  }
  TARN_TRY(StartLocked(record));
  return true;
}

Result<bool> Instances::Stop(const std::string& name, bool remember) {
  TARN_ASSIGN(const FileLock lock, LockAndSweep());
  TARN_ASSIGN(InstanceRecord record, ReadRecord(name));
  if (remember && record.wanted_running) {
    record.wanted_running = false;
    TARN_TRY(WriteRecord(Folder(name), record));
  }
  if (!RunningServer(Folder(name))) return false;
  TARN_ASSIGN(const Runtime* runtime, RuntimeOf(record));
  TARN_TRY(StopServer(*runtime, Folder(name)));
  return true;
}

Result<FoundTable> Instances::FindTable(const std::string& name, const TableName& table) const {
  std::string chosen = name;
  if (chosen.empty()) {
    TARN_ASSIGN(const auto all, List());
    if (all.empty()) {
      return std::unexpected(
          Error{ErrorKind::kNotFound,
                fmt::format("data directory \"{}\" has no instances", directory_.root.string()),
                {},
                "Name another with --data, or a metadata file or a table directory."});
    }
    if (all.size() > 1) {
      return std::unexpected(Error{
          ErrorKind::kInvalidArgument,
          fmt::format("there are {} instances that may have table {}", all.size(), ToString(table)),
          {},
          fmt::format("Name one of them: {}/{}", all.front().record.name, ToString(table))});
    }
    chosen = all.front().record.name;
  }
  TARN_ASSIGN(const InstanceStatus status, Get(chosen));
  if (status.state != InstanceState::kRunning) {
    return std::unexpected(Error{ErrorKind::kUnavailable,
                                 fmt::format("instance \"{}\" is not running", chosen),
                                 "It knows which metadata file of the table is the current one.",
                                 fmt::format("Start it with: tarn instance start {}", chosen)});
  }
  TARN_ASSIGN(const Runtime* runtime, RuntimeOf(status.record));
  return LookUpTable(*runtime, status.record, table);
}

Result<int> Instances::Drop(const std::string& name, bool purge) {
  TARN_ASSIGN(const FileLock lock, LockAndSweep());
  TARN_ASSIGN(InstanceRecord record, ReadRecord(name));
  record.phase = InstancePhase::kDropping;
  record.purge = purge;
  TARN_TRY(WriteRecord(Folder(name), record));
  return FinishDrop(record);
}

Result<int> Instances::FinishDrop(const InstanceRecord& record) const {
  const InstanceFolder folder = Folder(record.name);
  // Without its PostgreSQL the server can only be killed.
  if (auto runtime = RuntimeOf(record)) TARN_TRY(StopServer(**runtime, folder));
  TARN_TRY(KillLeftovers(folder.root));
  int purged = 0;
  if (record.purge) {
    TARN_ASSIGN(const std::vector<std::string> nodes, NodeIds(folder.cluster()));
    std::vector<fs::path> roots = {directory_.buckets()};
    for (const std::string& location : record.allowed_locations) {
      if (location.starts_with(kFilePrefix)) roots.push_back(location.substr(kFilePrefix.size()));
    }
    for (const fs::path& root : roots) {
      TARN_ASSIGN(const int removed, RemoveOwnedTables(root, nodes));
      purged += removed;
    }
  }
  TARN_TRY(Remove(record.name));
  return purged;
}

// A rename first: a half-removed data directory must never look like an instance.
Result<> Instances::Remove(const std::string& name) const {
  const InstanceFolder folder = Folder(name);
  TARN_TRY(KillLeftovers(folder.root));
  const fs::path removed = directory_.instances() / (std::string(kRemovedPrefix) + name);
  if (auto record = ReadRecord(name)) {
    const fs::path socket = record->socket_directory;
    if (!socket.empty() && socket != folder.short_socket_directory()) TARN_TRY(RemoveTree(socket));
  }
  TARN_TRY(RenameDirectory(folder.root, removed));
  return RemoveTree(removed);
}

}  // namespace tarn::provision
