// SPDX-License-Identifier: Apache-2.0
// POSTGRES INSTANCE.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "provision/scram.h"
#include "provision/server_config.h"
#include "warehouse/catalogue/drop.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/instances/instance_manager.h"
#include "warehouse/metastore/runs.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"
#include "warehouse/statements/postgres_instances.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr auto kFamilies = std::to_array<std::string_view>(
    {"BURST_XS",      "BURST_S",      "BURST_M",      "STANDARD_M",   "STANDARD_L",
     "STANDARD_XL",   "STANDARD_2XL", "STANDARD_4XL", "STANDARD_8XL", "STANDARD_12XL",
     "STANDARD_24XL", "HIGHMEM_L",    "HIGHMEM_XL",   "HIGHMEM_2XL",  "HIGHMEM_4XL",
     "HIGHMEM_8XL",   "HIGHMEM_12XL", "HIGHMEM_16XL", "HIGHMEM_24XL", "HIGHMEM_32XL",
     "HIGHMEM_48XL"});

/// Of a transaction that was only tried.
constexpr const char* kUndone = "undone";

Result<InstanceManager*> ManagerOf(const StatementContext& context) {
  InstanceManager* const manager = context.account->instances();
  if (manager != nullptr) return manager;
  return std::unexpected(Error{ErrorKind::kUnsupported,
                               "this process manages no PostgreSQL servers",
                               {},
                               "Use the warehouse of: tarn up"});
}

/// What is written of an instance; absent members stay as they are.
struct WrittenInstance {
  std::optional<ObjectName> network_policy, storage_integration;

  StatementResult<> Read(OptionReader& options, PostgresInstance& instance) {
    if (auto family = options.Text("COMPUTE_FAMILY")) {
      instance.compute_family = syntax::UpperCase(*family);
      if (std::ranges::find(kFamilies, instance.compute_family) == kFamilies.end()) {
        return InvalidParameterValue("COMPUTE_FAMILY", *family);
      }
    }
    if (const auto size = options.Integer("STORAGE_SIZE_GB")) instance.storage_size_gb = *size;
    if (auto authority =
            options.Word("AUTHENTICATION_AUTHORITY", {"POSTGRES", "POSTGRES_OR_SNOWFLAKE"})) {
      instance.authentication_authority = *std::move(authority);
    }
    if (auto version = options.Text("POSTGRES_VERSION")) {
      instance.postgres_version = *std::move(version);
    }
    if (const auto high = options.Bool("HIGH_AVAILABILITY")) instance.high_availability = *high;
    if (auto start = options.Text("MAINTENANCE_WINDOW_START")) {
      instance.maintenance_window_start = *std::move(start);
    }
    if (options.Has("POSTGRES_SETTINGS")) return UnsupportedFeature("POSTGRES_SETTINGS");
    network_policy = options.Name("NETWORK_POLICY");
    storage_integration = options.Name("STORAGE_INTEGRATION");
    STATEMENT_TRY(options.Finish());
    if (instance.high_availability) return UnsupportedFeature("HIGH_AVAILABILITY = TRUE");
    if (instance.authentication_authority != "POSTGRES") {
      return UnsupportedFeature("AUTHENTICATION_AUTHORITY = POSTGRES_OR_SNOWFLAKE");
    }
    if (instance.postgres_version != kServedVersion) {
      return UnsupportedFeature("POSTGRES_VERSION = " + instance.postgres_version);
    }
    return {};
  }

  StatementResult<> Resolve(const Snapshot& snapshot, const Caller& caller,
                            PostgresInstance& instance) const {
    STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
    constexpr std::string_view kAction = "CREATE POSTGRES INSTANCE";
    if (network_policy) {
      STATEMENT_ASSIGN(const ObjectHead head,
                       warehouse::Resolve(snapshot, caller, authority, ObjectKind::kNetworkPolicy,
                                          *network_policy, kAction));
      instance.network_policy = head.id;
    }
    if (!storage_integration) return {};
    STATEMENT_ASSIGN(const ObjectHead head, warehouse::Resolve(snapshot, caller, authority,
                                                               ObjectKind::kStorageIntegration,
                                                               *storage_integration, kAction));
    instance.storage_integration = head.id;
    return {};
  }
};

const std::vector<ShownColumn> kCreated = {
    {"status"}, {"host"}, {"access_roles"}, {"default_database"}};
const std::vector<ShownColumn> kPassword = {{"password"}};

struct Secrets {
  std::string admin_password, application_password;
  provision::RoleVerifiers verifiers;
};

Result<Secrets> MakeSecrets() {
  Secrets secrets;
  TARN_ASSIGN(secrets.admin_password, provision::GeneratePassword());
  TARN_ASSIGN(secrets.application_password, provision::GeneratePassword());
  TARN_ASSIGN(secrets.verifiers.admin, provision::ScramVerifier(secrets.admin_password));
  TARN_ASSIGN(secrets.verifiers.application,
              provision::ScramVerifier(secrets.application_password));
  return secrets;
}

std::string AccessRoles(const Secrets& secrets) {
  using nlohmann::ordered_json;
  return ordered_json::array(
             {ordered_json{{"name", provision::kAdminRole}, {"password", secrets.admin_password}},
              ordered_json{{"name", provision::kApplicationRole},
                           {"password", secrets.application_password}}})
      .dump();
}

bool ResetsAccess(const syntax::AlterObject& alter) {
  if (alter.actions.size() != 1) return false;
  const auto* perform = std::get_if<syntax::Perform>(&alter.actions[0]);
  return perform != nullptr && perform->verb.starts_with("RESET ACCESS");
}

StatementResult<> CheckIdle(const ObjectHead& head, const PostgresInstance& instance) {
  if (instance.state == "READY" || instance.state == "SUSPENDED") return {};
  return CompilationError("394304", "22000",
                          fmt::format("The operation {} of instance '{}' must be complete before "
                                      "issuing ALTER.",
                                      instance.state, head.name));
}

Outcome ResetAccess(StatementContext& context, const ObjectName& name,
                    const syntax::Perform& perform) {
  STATEMENT_ASSIGN(InstanceManager* const manager, ManagerOf(context));
  if (perform.arguments.size() != 1) return UnsupportedFeature("RESET ACCESS without a role");
  STATEMENT_ASSIGN(const std::string role, ConstantText(context, perform.arguments[0]));
  if (role != provision::kAdminRole && role != provision::kApplicationRole) {
    return InvalidParameterValue("RESET ACCESS FOR", role);
  }
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(*moment.snapshot, moment.caller));
  STATEMENT_ASSIGN(const ObjectHead head,
                   Resolve(*moment.snapshot, moment.caller, authority,
                           ObjectKind::kPostgresInstance, name, "ALTER POSTGRES INSTANCE"));
  STATEMENT_TRY(authority.Require(head, kOwnership));
  STATEMENT_ASSIGN(const std::string password, provision::GeneratePassword());
  STATEMENT_ASSIGN(const std::string verifier, provision::ScramVerifier(password));
  STATEMENT_TRY(manager->SetVerifier(ServerName(head.name), role, verifier));
  return StatementOutcome{
      .status = {}, .counts = {}, .rows = RowSet{.columns = kPassword, .rows = {{password}}}};
}

StatementResult<> ApplyAction(const StatementContext& context, Alteration& alteration,
                              const syntax::AlterAction& action, PostgresInstance& instance) {
  if (const auto* set = std::get_if<syntax::SetOptions>(&action)) {
    if (set->apply == "ON") return UnsupportedFeature("APPLY ON");
    OptionReader options(context, "POSTGRES INSTANCE", set->options);
    alteration.comment = options.Text("COMMENT");
    WrittenInstance written;
    STATEMENT_TRY(written.Read(options, instance));
    return written.Resolve(alteration.transaction, alteration.caller, instance);
  }
  if (const auto* unset = std::get_if<syntax::UnsetOptions>(&action)) {
    for (const std::string& key : unset->keys) {
      if (key == "NETWORK_POLICY") {
        instance.network_policy.reset();
      } else if (key == "STORAGE_INTEGRATION") {
        instance.storage_integration.reset();
      } else if (key == "MAINTENANCE_WINDOW_START") {
        instance.maintenance_window_start.clear();
      } else if (key == "COMMENT") {
        alteration.comment = "";
      } else {
        return InvalidParameterName(key);
      }
    }
    return {};
  }
  const auto* perform = std::get_if<syntax::Perform>(&action);
  if (perform != nullptr && perform->verb == "SUSPEND") {
    if (instance.state == "READY") instance.state = "SUSPENDING";
    return {};
  }
  if (perform != nullptr && perform->verb == "RESUME") {
    if (instance.state == "SUSPENDED") instance.state = "RESUMING";
    return {};
  }
  return UnsupportedFeature("ALTER POSTGRES INSTANCE with this clause");
}

}  // namespace

const std::vector<ShownColumn>* InstanceColumns(const syntax::Statement& statement) {
  if (const auto* create = std::get_if<syntax::CreateObject>(&statement.value)) {
    return create->head.kind == syntax::ObjectKind::kPostgresInstance ? &kCreated : nullptr;
  }
  const auto* alter = std::get_if<syntax::AlterObject>(&statement.value);
  if (alter == nullptr || alter->kind != syntax::ObjectKind::kPostgresInstance) return nullptr;
  return ResetsAccess(*alter) ? &kPassword : nullptr;
}

Outcome CreatePostgresInstance(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(InstanceManager* const manager, ManagerOf(context));
  if (create.copy_of) return UnsupportedFeature("CREATE POSTGRES INSTANCE … FORK");
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  if (request.on_existing == OnExisting::kReplace || request.on_existing == OnExisting::kAlter) {
    return UnsupportedFeature("CREATE OR REPLACE POSTGRES INSTANCE");
  }
  // A name in quotes could mean the server of another object.
  if (!syntax::IsPlainName(request.name.name)) {
    return UnsupportedFeature("POSTGRES INSTANCE with a name that needs quotes");
  }
  STATEMENT_TRY(provision::CheckInstanceName(ServerName(request.name.name)));
  OptionReader options(context, "POSTGRES INSTANCE", create.options);
  for (const char* required : {"COMPUTE_FAMILY", "STORAGE_SIZE_GB", "AUTHENTICATION_AUTHORITY"}) {
    if (!options.Has(required)) return MissingOption(required);
  }
  request.comment = options.Text("COMMENT").value_or("");
  PostgresInstance instance{.postgres_version = kServedVersion};
  WrittenInstance written;
  STATEMENT_TRY(written.Read(options, instance));
  STATEMENT_ASSIGN(const provision::ListenAddress address, manager->FreeAddress());
  instance.host = address.host;
  instance.port = address.port;
  STATEMENT_ASSIGN(const Secrets secrets, MakeSecrets());
  CreateOutcome outcome;
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_TRY(written.Resolve(transaction, caller, instance));
        request.definition = instance;
        STATEMENT_ASSIGN(outcome, CreateObject(transaction, caller, request));
        if (outcome.result == CreateResult::kKept) return {};
        STATEMENT_TRY(RecordRun(transaction, {.kind = "instance",
                                              .object = outcome.id,
                                              .object_name = request.name.name,
                                              .trigger = "STATEMENT",
                                              .scheduled_ms = context.account->clock().NowMs(),
                                              .details = CreationDetails(secrets.verifiers)}));
        return {};
      }));
  StatementOutcome told{.status = outcome.status};
  RowSet rows{.columns = kCreated, .rows = {}};
  if (outcome.result != CreateResult::kKept) {
    rows.rows.push_back(
        {outcome.status, instance.host, AccessRoles(secrets), std::string(provision::kDatabase)});
  }
  told.rows = std::move(rows);
  return told;
}

Outcome AlterPostgresInstance(StatementContext& context, const syntax::AlterObject& alter) {
  STATEMENT_TRY(ManagerOf(context));
  STATEMENT_ASSIGN(AlterRequest request, AlterRequestOf(context, alter));
  if (ResetsAccess(alter)) {
    return ResetAccess(context, request.name, std::get<syntax::Perform>(alter.actions[0]));
  }
  const bool operates = std::ranges::all_of(alter.actions, IsPerform);
  if (operates) request.privileges = {kOwnership, "OPERATE"};
  return AlterByActions<PostgresInstance>(
      context, alter, request,
      [&](Alteration& alteration, PostgresInstance& instance,
          const syntax::AlterAction& action) -> StatementResult<> {
        // What is set while it is made, holds when it is there.
        if (IsPerform(action) || instance.state != "CREATING") {
          STATEMENT_TRY(CheckIdle(alteration.head, instance));
        }
        return ApplyAction(context, alteration, action, instance);
      });
}

StatementResult<std::string> PrepareToDropInstance(StatementContext& context,
                                                   const ObjectName& name) {
  STATEMENT_ASSIGN(InstanceManager* const manager, ManagerOf(context));
  const AlterRequest request = AlterRequestOf(ObjectKind::kPostgresInstance, name, true);
  std::string server, dropped;
  // What forbids the drop forbids it before anything is gone: it is tried and undone.
  const StatementResult<> tried = CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_TRY(
            DropObject(transaction, caller,
                       {.kind = ObjectKind::kPostgresInstance, .name = name, .if_exists = true}));
        return std::unexpected(StatementError{.code = kUndone});
      });
  if (tried.error().code != kUndone) return std::unexpected(tried.error());
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_TRY(
            AlterObject(transaction, caller, request,
                        [&](const ObjectHead& head, Definition& definition) -> StatementResult<> {
                          auto& instance = std::get<PostgresInstance>(definition);
                          if (instance.state == "CREATING") return CheckIdle(head, instance);
                          // From here on it goes, whatever happens to this process.
                          instance.state = "DROPPING";
                          server = ServerName(head.name);
                          dropped = head.name;
                          return {};
                        }));
        return {};
      }));
  if (!server.empty()) STATEMENT_TRY(manager->DropServer(server));
  return dropped;
}

}  // namespace tarn::warehouse
