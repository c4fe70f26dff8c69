// SPDX-License-Identifier: Apache-2.0
// How Instances builds a new one, step by step.
#include <algorithm>

#include "base/location_prefix.h"
#include "provision/certificate.h"
#include "provision/instances.h"
#include "provision/process.h"
#include "provision/scram.h"
#include "provision/server_config.h"

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;

constexpr int kAddressAttemptsMax = 5;

Result<> InitializeCluster(const Runtime& runtime, const InstanceFolder& folder) {
  return RunOrFail(
      {.argv = {runtime.program("initdb"), "-D", folder.cluster(), "-U", kOwnerRole, "-E", "UTF8",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums",
                "--auth-local=peer", "--auth-host=reject", "--no-instructions"},
       .directory = folder.root},
      "initializing the database cluster");
}

Result<RoleVerifiers> VerifiersOf(const CreateOptions& options, const CreatedInstance& created) {
  if (options.verifiers) return *options.verifiers;
  RoleVerifiers verifiers;
  TARN_ASSIGN(verifiers.admin, ScramVerifier(created.admin_password));
  TARN_ASSIGN(verifiers.application, ScramVerifier(created.application_password));
  return verifiers;
}

Result<> RunBootstrapSql(const Runtime& runtime, const InstanceFolder& folder,
                         const RoleVerifiers& verifiers) {
  // Single-user mode: no server to leave behind, and nobody can connect before the roles are right.
  return RunOrFail(
      {.argv = {runtime.program("postgres"), "--single", "-D", folder.cluster(), "-c",
                "exit_on_error=true", "-c", "shared_preload_libraries=", "-c", "log_statement=none",
                "-c", "log_min_error_statement=panic", kDatabase},
       .input = BootstrapSql(verifiers.admin, verifiers.application),
       .directory = folder.root},
      "creating the roles");
}

/// A server would only warn of what it does not understand, and ignore all of them.
Result<> CheckAllowedLocation(const std::string& location) {
  Error error{.kind = ErrorKind::kInvalidArgument};
  if (location.contains(',')) {
    error.detail = "It has a comma, which separates locations.";
  } else if (auto sound = NormalizeLocationPrefix(location)) {
    return {};
  } else {
    error = std::move(sound).error();
  }
  error.message = fmt::format("invalid allowed location \"{}\"", location);
  return std::unexpected(std::move(error));
}

}  // namespace

Result<> Instances::BuildCluster(const CreateOptions& options, const Runtime& runtime,
                                 const InstanceFolder& folder,
                                 const CreatedInstance& created) const {
  const InstanceRecord& record = created.record;
  TARN_TRY(MakeDirectory(folder.root, 0700));
  TARN_TRY(MakeDirectory(folder.logs(), 0700));
  TARN_TRY(InitializeCluster(runtime, folder));
  const fs::path cluster = folder.cluster();
  TARN_ASSIGN(std::string settings, ReadFile(cluster / "postgresql.conf"));
  settings += "\ninclude 'tarn.conf'\n";
  TARN_TRY(WriteFile(cluster / "postgresql.conf", settings, 0600));
  TARN_TRY(WriteFile(cluster / "pg_hba.conf",
                     HostBasedAccess(options.access.value_or(LocalAccess())), 0600));
  TARN_TRY(WriteFile(cluster / "pg_ident.conf", IdentityMap(options.owners), 0600));
  TARN_ASSIGN(const Certificate certificate, MakeCertificate(record.name, record.address.host));
  TARN_TRY(WriteFile(cluster / "server.key", certificate.key_pem, 0600));
  TARN_TRY(WriteFile(cluster / "server.crt", certificate.certificate_pem, 0644));
  TARN_TRY(WriteConfiguration(folder, record));
  TARN_ASSIGN(const RoleVerifiers verifiers, VerifiersOf(options, created));
  TARN_TRY(RunBootstrapSql(runtime, folder, verifiers));
  return WriteRecord(folder, record);
}

Result<CreatedInstance> Instances::Build(const CreateOptions& options) const {
  CreatedInstance created;
  InstanceRecord& record = created.record;
  record.name = options.name;
  record.pg_config = options.pg_config;
  record.allowed_locations = options.allowed_locations;
  record.with_extension = options.with_extension;
  record.table_locations = options.table_locations;
  record.governed = options.access.has_value();
  TARN_ASSIGN(const Runtime* runtime, RuntimeOf(record));
  if (record.with_extension && !runtime->has_extension) {
    return std::unexpected(
        Error{ErrorKind::kNotFound, "the extension \"tarn\" is not installed in this PostgreSQL",
              fmt::format("PostgreSQL's programs are in {}.", runtime->postgres_bin.string()),
              "Run \"make build\" in the checkout, or \"make install PG_CONFIG=...\"."});
  }
  if (options.address && IsFree(*options.address)) {
    record.address = *options.address;
  } else {
    TARN_ASSIGN(record.address, ChooseAddress(TakenAddresses()));
  }
  if (!options.verifiers) {
    TARN_ASSIGN(created.admin_password, GeneratePassword());
    TARN_ASSIGN(created.application_password, GeneratePassword());
  }
  const InstanceFolder building{directory_.instances() /
                                (std::string(kBuildPrefix) + options.name)};
  record.socket_directory = Folder(options.name).short_socket_directory();
  TARN_TRY(BuildCluster(options, *runtime, building, created));
  TARN_TRY(RenameDirectory(building.root, Folder(options.name).root));
  return created;
}

// Another program may take the address between its choice and the server's start.
Result<> Instances::StartWithSomeAddress(InstanceRecord& record) const {
  std::vector<ListenAddress> taken = TakenAddresses();
  for (int attempt = 1;; ++attempt) {
    auto started = StartLocked(record);
    if (started || IsFree(record.address) || attempt == kAddressAttemptsMax) return started;
    taken.push_back(record.address);
    TARN_ASSIGN(record.address, ChooseAddress(taken));
    TARN_ASSIGN(const Certificate certificate, MakeCertificate(record.name, record.address.host));
    const fs::path cluster = Folder(record.name).cluster();
    TARN_TRY(WriteFile(cluster / "server.key", certificate.key_pem, 0600));
    TARN_TRY(WriteFile(cluster / "server.crt", certificate.certificate_pem, 0644));
  }
}

Result<> Instances::Create(const CreateOptions& options,
                           const std::function<Result<>(const CreatedInstance&)>& announce) {
  TARN_TRY(CheckInstanceName(options.name));
  for (const std::string& location : options.allowed_locations) {
    TARN_TRY(CheckAllowedLocation(location));
  }
  TARN_ASSIGN(const FileLock lock, LockAndSweep());
  const fs::path root = Folder(options.name).root;
  if (fs::exists(root)) {
    auto record = ReadRecord(options.name);
    if (!record || record->phase != InstancePhase::kUnannounced) {
      return Fail(ErrorKind::kAlreadyExists, "instance \"{}\" already exists", options.name);
    }
    TARN_TRY(Remove(options.name));
  }
  auto built = Build(options);
  if (!built) {
    TARN_TRY(RemoveTree(directory_.instances() / (std::string(kBuildPrefix) + options.name)));
    return std::unexpected(std::move(built).error());
  }
  Result<> done = StartWithSomeAddress(built->record);
  if (done) done = announce(*built);
  if (done) {
    built->record.phase = InstancePhase::kReady;
    done = WriteRecord(Folder(options.name), built->record);
  }
  if (!done) TARN_TRY(Remove(options.name));
  return done;
}

}  // namespace tarn::provision
