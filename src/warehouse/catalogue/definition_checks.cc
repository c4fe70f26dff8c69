// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/definition_checks.h"

#include <algorithm>
#include <set>

#include "warehouse/catalogue/allowed_locations.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kStorageGbMin = 10;
constexpr int64_t kStorageGbMax = 65'535;
constexpr size_t kPredecessorsMax = 100;

class Checker {
 public:
  Checker(const Snapshot& snapshot, const Authority& authority)
      : snapshot_(snapshot), authority_(authority) {}

  template <typename Noun>
  StatementResult<> Check(const Noun&) {
    return {};
  }

  StatementResult<> Check(const Database& database) {
    if (!database.linked_catalog) return {};
    return MayUse<CatalogIntegration>(database.linked_catalog->catalog);
  }

  StatementResult<> Check(const Table& table) {
    std::set<std::string_view> names;
    for (const Column& column : table.columns) {
      if (!names.insert(column.name).second) {
        return CompilationError("002025", "42S21",
                                fmt::format("duplicate column name '{}'", column.name));
      }
    }
    if (table.external_volume) STATEMENT_TRY(MayUse<ExternalVolume>(*table.external_volume));
    if (!table.catalog) return {};
    STATEMENT_TRY(MayUse<CatalogIntegration>(*table.catalog));
    STATEMENT_ASSIGN(const auto catalog, snapshot_.Find<CatalogIntegration>(*table.catalog));
    if (catalog->enabled) return {};
    STATEMENT_ASSIGN(const auto head, snapshot_.FindHead(*table.catalog));
    return CompilationError("093518", "22023",
                            fmt::format("Catalog integration '{}' is not enabled.", head->name));
  }

  StatementResult<> Check(const Stage& stage) {
    if (!stage.storage_integration) return {};
    STATEMENT_TRY(MayUse<StorageIntegration>(*stage.storage_integration));
    STATEMENT_ASSIGN(const auto integration,
                     snapshot_.Find<StorageIntegration>(*stage.storage_integration));
    STATEMENT_ASSIGN(const auto head, snapshot_.FindHead(*stage.storage_integration));
    if (integration->type != "EXTERNAL_STAGE") {
      return CompilationError(
          "003140", "22023",
          fmt::format("Integration '{}' is not a storage integration of type EXTERNAL_STAGE.",
                      head->name));
    }
    if (!integration->enabled) {
      return CompilationError("003141", "22023",
                              fmt::format("Integration '{}' is not enabled.", head->name));
    }
    if (IsLocationAllowed(stage.url, integration->allowed_locations,
                          integration->blocked_locations)) {
      return {};
    }
    return CompilationError(
        "003139", "22023",
        fmt::format("Location '{}' is not allowed by integration '{}'. Please use DESC "
                    "INTEGRATION to check out allowed and blocked locations.",
                    stage.url, head->name));
  }

  StatementResult<> Check(const Stream& stream) {
    STATEMENT_ASSIGN(const auto source, snapshot_.FindHead(stream.source));
    if (!source) return DoesNotExist(ObjectKind::kTable, stream.source_name);
    const bool stage = source->kind == ObjectKind::kStage;
    STATEMENT_TRY(stage ? authority_.RequireAnyOf(*source, {kUsage, kRead})
                        : authority_.Require(*source, kSelect));
    if (!stage) return {};
    STATEMENT_ASSIGN(const auto definition, snapshot_.Find<Stage>(source->id));
    if (definition->directory_enabled) return {};
    return CompilationError(
        "093523", "22023", fmt::format("Stage '{}' has no directory table enabled.", source->name));
  }

  StatementResult<> Check(const Task& task) {
    if (task.warehouse) STATEMENT_TRY(MayUse<VirtualWarehouse>(*task.warehouse));
    if (task.predecessors.size() > kPredecessorsMax) {
      return CompilationError("091083", "22023", "A task cannot have more than 100 predecessors.");
    }
    if (!task.schedule.empty() && (!task.predecessors.empty() || task.finalizes)) {
      return CompilationError("091082", "22023",
                              "A task cannot have both a schedule and a predecessor.");
    }
    for (const ObjectId predecessor : task.predecessors) {
      STATEMENT_TRY(Owns<Task>(predecessor));
    }
    if (task.finalizes) STATEMENT_TRY(Owns<Task>(*task.finalizes));
    return {};
  }

  StatementResult<> Check(const DynamicTable& table) {
    if (!table.warehouse) return MissingOption("WAREHOUSE");
    return MayUse<VirtualWarehouse>(*table.warehouse);
  }

  StatementResult<> Check(const PostgresInstance& instance) {
    if (instance.storage_size_gb < kStorageGbMin || instance.storage_size_gb > kStorageGbMax) {
      return InvalidParameterValue("STORAGE_SIZE_GB", std::to_string(instance.storage_size_gb));
    }
    if (instance.network_policy) {
      STATEMENT_TRY(Exists<NetworkPolicy>(*instance.network_policy));
    }
    if (!instance.storage_integration) return {};
    STATEMENT_TRY(MayUse<StorageIntegration>(*instance.storage_integration));
    STATEMENT_ASSIGN(const auto integration,
                     snapshot_.Find<StorageIntegration>(*instance.storage_integration));
    if (integration->type == "POSTGRES_EXTERNAL_STORAGE") return {};
    STATEMENT_ASSIGN(const auto head, snapshot_.FindHead(*instance.storage_integration));
    return InvalidParameterValue("STORAGE_INTEGRATION (must be of type POSTGRES_EXTERNAL_STORAGE)",
                                 head->name);
  }

  StatementResult<> Check(const NetworkPolicy& policy) {
    for (const ObjectId rule : policy.allowed_rules) STATEMENT_TRY(Exists<NetworkRule>(rule));
    for (const ObjectId rule : policy.blocked_rules) STATEMENT_TRY(Exists<NetworkRule>(rule));
    return {};
  }

  StatementResult<> Check(const ExternalVolume& volume) {
    if (volume.locations.empty()) return MissingOption("STORAGE_LOCATIONS");
    std::set<std::string_view> names;
    for (const StorageLocation& location : volume.locations) {
      if (!names.insert(location.name).second) {
        return CompilationError("002008", "42601",
                                fmt::format("duplicate storage location '{}'", location.name));
      }
    }
    return {};
  }

  StatementResult<> Check(const Sequence& sequence) {
    if (sequence.increment != 0) return {};
    return CompilationError("002216", "22023", "The increment of a sequence cannot be zero.");
  }

 private:
  template <typename Noun>
  StatementResult<ObjectHead> HeadOf(ObjectId id) {
    STATEMENT_ASSIGN(auto head, snapshot_.FindHead(id));
    if (!head || head->kind != Noun::kKind) {
      return DoesNotExist(Noun::kKind, head ? head->name : std::to_string(id.value()));
    }
    return *std::move(head);
  }
  template <typename Noun>
  StatementResult<> MayUse(ObjectId id) {
    STATEMENT_ASSIGN(const ObjectHead head, HeadOf<Noun>(id));
    return authority_.Require(head, kUsage);
  }
  template <typename Noun>
  StatementResult<> Owns(ObjectId id) {
    STATEMENT_ASSIGN(const ObjectHead head, HeadOf<Noun>(id));
    return authority_.Require(head, kOwnership);
  }
  template <typename Noun>
  StatementResult<> Exists(ObjectId id) {
    STATEMENT_TRY(HeadOf<Noun>(id));
    return {};
  }

  const Snapshot& snapshot_;
  const Authority& authority_;
};

}  // namespace

StatementResult<> CheckDefinition(const Snapshot& snapshot, const Authority& authority,
                                  const Definition& definition) {
  Checker checker(snapshot, authority);
  return std::visit([&](const auto& noun) { return checker.Check(noun); }, definition);
}

}  // namespace tarn::warehouse
