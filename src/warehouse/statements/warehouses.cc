// SPDX-License-Identifier: Apache-2.0
// WAREHOUSE.
#include <algorithm>
#include <array>

#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/session_parameters.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// Sizes as they may be written, without blanks and hyphens, and as SHOW prints them.
constexpr auto kSizes =
    std::to_array<std::pair<std::string_view, std::string_view>>({{"XSMALL", "X-Small"},
                                                                  {"SMALL", "Small"},
                                                                  {"MEDIUM", "Medium"},
                                                                  {"LARGE", "Large"},
                                                                  {"XLARGE", "X-Large"},
                                                                  {"XXLARGE", "2X-Large"},
                                                                  {"X2LARGE", "2X-Large"},
                                                                  {"2XLARGE", "2X-Large"},
                                                                  {"XXXLARGE", "3X-Large"},
                                                                  {"X3LARGE", "3X-Large"},
                                                                  {"3XLARGE", "3X-Large"},
                                                                  {"X4LARGE", "4X-Large"},
                                                                  {"4XLARGE", "4X-Large"},
                                                                  {"X5LARGE", "5X-Large"},
                                                                  {"5XLARGE", "5X-Large"},
                                                                  {"X6LARGE", "6X-Large"},
                                                                  {"6XLARGE", "6X-Large"}});

StatementResult<std::string> SizeOf(const std::string& written) {
  std::string key = syntax::UpperCase(written);
  std::erase_if(key, [](char c) { return c == '-' || c == ' '; });
  for (const auto& [name, shown] : kSizes) {
    if (name == key) return std::string(shown);
  }
  return InvalidParameterValue("WAREHOUSE_SIZE", written);
}

StatementResult<> ReadWarehouse(OptionReader& options, VirtualWarehouse& warehouse) {
  const auto size = options.Text("WAREHOUSE_SIZE");
  if (const auto seconds = options.Integer("AUTO_SUSPEND", 0)) {
    warehouse.auto_suspend_seconds =
        *seconds == 0 ? std::nullopt : std::optional<int64_t>(*seconds);
  }
  if (const auto resume = options.Bool("AUTO_RESUME")) warehouse.auto_resume = *resume;
  if (auto type = options.Word("WAREHOUSE_TYPE", {"STANDARD", "SNOWPARK-OPTIMIZED"})) {
    warehouse.type = *std::move(type);
  }
  if (auto policy = options.Word("SCALING_POLICY", {"STANDARD", "ECONOMY"})) {
    warehouse.scaling_policy = *std::move(policy);
  }
  if (const auto least = options.Integer("MIN_CLUSTER_COUNT", 1, 10)) {
    warehouse.min_cluster_count = *least;
  }
  if (const auto most = options.Integer("MAX_CLUSTER_COUNT", 1, 10)) {
    warehouse.max_cluster_count = *most;
  }
  if (auto monitor = options.Text("RESOURCE_MONITOR")) {
    warehouse.resource_monitor = *std::move(monitor);
  }
  if (const auto accelerates = options.Bool("ENABLE_QUERY_ACCELERATION")) {
    warehouse.enable_query_acceleration = *accelerates;
  }
  if (const auto factor = options.Integer("QUERY_ACCELERATION_MAX_SCALE_FACTOR", 0, 100)) {
    warehouse.query_acceleration_max_scale_factor = *factor;
  }
  if (auto generation = options.Text("GENERATION")) warehouse.generation = *std::move(generation);
  STATEMENT_TRY(options.Finish());
  if (size) {
    STATEMENT_ASSIGN(warehouse.size, SizeOf(*size));
  }
  if (warehouse.min_cluster_count > warehouse.max_cluster_count) {
    return InvalidParameterValue("MIN_CLUSTER_COUNT", std::to_string(warehouse.min_cluster_count));
  }
  return {};
}

const std::vector<std::string_view> kWarehouseParameters = {
    "MAX_CONCURRENCY_LEVEL", "STATEMENT_QUEUED_TIMEOUT_IN_SECONDS", kStatementTimeout};

StatementResult<Options> ParametersOf(OptionReader& options) {
  Options parameters = options.Parameters(kWarehouseParameters);
  const auto timeout = parameters.find(kStatementTimeout);
  if (timeout != parameters.end()) {
    STATEMENT_ASSIGN(
        timeout->second,
        CheckSessionParameter(*FindSessionParameter(kStatementTimeout), timeout->second));
  }
  return parameters;
}

StatementResult<> Perform(const syntax::Perform& perform, int64_t now_ms,
                          VirtualWarehouse& warehouse) {
  if (perform.verb == "SUSPEND") {
    if (warehouse.state == WarehouseState::kSuspended) {
      return CompilationError("090064", "22000",
                              "Invalid state. Warehouse cannot be suspended: it is suspended.");
    }
    warehouse.state = WarehouseState::kSuspended;
    return {};
  }
  if (perform.verb == "RESUME" || perform.verb == "RESUME IF SUSPENDED") {
    if (warehouse.state == WarehouseState::kStarted) {
      if (perform.verb != "RESUME") return {};
      return CompilationError("090063", "22000",
                              "Invalid state. Warehouse cannot be resumed: it is running.");
    }
    warehouse.state = WarehouseState::kStarted;
    warehouse.resumed_ms = now_ms;
    return {};
  }
  return UnsupportedFeature(fmt::format("ALTER WAREHOUSE {}", perform.verb));
}

}  // namespace

Outcome CreateWarehouse(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "WAREHOUSE", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  STATEMENT_ASSIGN(request.parameters, ParametersOf(options));
  VirtualWarehouse warehouse;
  const auto suspended = options.Bool("INITIALLY_SUSPENDED");
  STATEMENT_TRY(ReadWarehouse(options, warehouse));
  if (suspended.value_or(false)) {
    warehouse.state = WarehouseState::kSuspended;
  } else {
    warehouse.resumed_ms = context.account->clock().NowMs();
  }
  request.definition = std::move(warehouse);
  STATEMENT_ASSIGN(StatementOutcome outcome, CreateAndTell(context, request));
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_TRY(UseWarehouse(*moment.snapshot, *context.session, request.name.name));
  return outcome;
}

Outcome AlterWarehouse(StatementContext& context, const syntax::AlterObject& alter) {
  STATEMENT_ASSIGN(AlterRequest request,
                   AlterRequestOf(context, alter, context.session->warehouse));
  request.privileges = {kOwnership,
                        std::ranges::all_of(alter.actions, IsPerform) ? kOperate : kModify};
  return AlterByActions<VirtualWarehouse>(
      context, alter, request,
      [&](Alteration& alteration, VirtualWarehouse& warehouse,
          const syntax::AlterAction& action) -> StatementResult<> {
        if (const auto* perform = std::get_if<syntax::Perform>(&action)) {
          return Perform(*perform, alteration.transaction.now_ms(), warehouse);
        }
        const auto* set = std::get_if<syntax::SetOptions>(&action);
        if (set == nullptr) return UnsupportedClause(alter);
        OptionReader options(context, "WAREHOUSE", set->options);
        alteration.comment = options.Text("COMMENT");
        STATEMENT_ASSIGN(alteration.parameters, ParametersOf(options));
        return ReadWarehouse(options, warehouse);
      });
}

}  // namespace tarn::warehouse
