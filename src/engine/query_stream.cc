// SPDX-License-Identifier: Apache-2.0
#include "engine/query_stream.h"

#include <duckdb/common/progress_bar/progress_bar.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/planner/expression/bound_parameter_data.hpp>

#include <atomic>
#include <limits>
#include <mutex>
#include <utility>

#include "engine/delete_resolution.h"
#include "engine/duckdb_error.h"
#include "engine/duckdb_type.h"
#include "engine/functions/query_numbers.h"
#include "engine/functions/session_formats.h"
#include "engine/query_tables.h"
#include "engine/running_query.h"

namespace tarn::engine {

namespace {

QueryFailure Cancelled() {
  return QueryFailure{Error{ErrorKind::kCancelled, "SQL execution canceled", {}, {}}, "000604",
                      "57014"};
}

/// The configuration is locked for statements; this is the session's own. Fails for a zone that ICU
/// does not know.
void SetTimeZone(duckdb::ClientContext& context, const std::string& zone) {
  duckdb::ExtensionOption option;
  if (!duckdb::DBConfig::GetConfig(context).TryGetExtensionOption("TimeZone", option)) {
    throw duckdb::InvalidInputException("DuckDB was built without time zones");
  }
  duckdb::Value value(zone);
  if (option.set_function != nullptr) {
    option.set_function(context, duckdb::SetScope::SESSION, value);
  }
  duckdb::ClientConfig::GetConfig(context).user_settings.SetUserSetting(
      option.setting_index.GetIndex(), std::move(value));
}

class Stream : public QueryStream {
 public:
  Stream(Database& database, DeleteStore& deletes, MemoryBudget* memory, QueryRequest request)
      : connection_(database.Borrow()),
        context_(connection_->context),
        deletes_(deletes),
        memory_(memory),
        request_(std::move(request)) {
    context_->ClearInterrupt();
    prepared_.emplace(*context_);
    auto& config = duckdb::ClientConfig::GetConfig(*context_);
    config.enable_progress_bar = true;
    config.print_progress_bar = false;
  }

  ~Stream() override {
    query_.reset();
    prepared_.reset();
    duckdb::ClientConfig::GetConfig(*context_).enable_progress_bar = false;
  }

  /// Deletes are resolved by queries of their own, on the same connection and before.
  QueryResult<> Start() {
    auto tables = PrepareTables(*context_, deletes_,
                                {.text = {},
                                 .tables = std::move(request_.tables),
                                 .parameters = {},
                                 .carriers = {},
                                 .time_zone = request_.time_zone,
                                 .formats = std::move(request_.formats),
                                 .numbers = std::move(request_.numbers)});
    if (!tables) return std::unexpected(std::move(tables).error());
    tables_ = *std::move(tables);
    duckdb::Parser parser;
    parser.ParseQuery(request_.text);
    if (parser.statements.size() != 1 ||
        parser.statements[0]->type != duckdb::StatementType::SELECT_STATEMENT) {
      return Failed(Error{ErrorKind::kInternal, "query is not one SELECT", request_.text, {}});
    }
    duckdb::case_insensitive_map_t<duckdb::BoundParameterData> parameters;
    for (size_t i = 0; i < request_.parameters.size(); ++i) {
      const QueryParameter& parameter = request_.parameters[i];
      parameters[std::to_string(i + 1)] =
          duckdb::BoundParameterData(ToDuckdbValue(parameter.type, parameter.value));
    }
    auto started =
        RunningQuery::Start(*context_, std::move(parser.statements[0]), request_.carriers,
                            std::numeric_limits<int64_t>::max(), memory_, std::move(parameters));
    if (!started) return std::unexpected(FailureOf(started.error()));
    query_ = *std::move(started);
    return CheckCarriers();
  }

  QueryResult<> Next(std::vector<uint8_t>& out) override {
    if (failed_) return std::unexpected(*failed_);
    auto result = Fill(out);
    if (result) return {};
    out.clear();
    failed_ = interrupted_ ? Cancelled() : std::move(result).error();
    query_.reset();
    return std::unexpected(*failed_);
  }

  void Interrupt() override {
    interrupted_ = true;
    context_->Interrupt();
  }

  std::optional<double> progress() const override {
    const double percentage = context_->GetQueryProgress().GetPercentage();
    if (percentage < 0) return std::nullopt;
    return percentage / 100;
  }

 private:
  static std::unexpected<QueryFailure> Failed(Error error) {
    return std::unexpected(QueryFailure{std::move(error), {}, {}});
  }

  QueryResult<> Fill(std::vector<uint8_t>& out) {
    if (interrupted_) return std::unexpected(Cancelled());
    if (query_ == nullptr) {
      out.clear();
      return {};
    }
    try {
      auto batch = query_->Await(out);
      if (!batch) return std::unexpected(FailureOf(batch.error()));
      if (*batch) {
        out = std::move((*batch)->bytes);
      } else {
        out.clear();
        query_.reset();
      }
    } catch (const std::exception& exception) {
      return std::unexpected(FailureOf(duckdb::ErrorData(exception)));
    }
    return {};
  }

  /// A binder's mistake must not become a wrong value.
  QueryResult<> CheckCarriers() const {
    const auto& types = query_->types();
    for (size_t i = 0; i < request_.carriers.size(); ++i) {
      const auto wanted = ToDuckdbType(request_.carriers[i]);
      if (!wanted) return Failed(wanted.error());
      if (i < types.size() && types[i] == *wanted) continue;
      return Failed(
          Error{ErrorKind::kInternal,
                fmt::format("column {} of the query is {}, not {}", i + 1,
                            i < types.size() ? types[i].ToString() : "missing", wanted->ToString()),
                request_.text,
                {}});
    }
    return {};
  }

  QueryFailure FailureOf(const duckdb::ErrorData& data) const {
    return QueryFailureOf(*tables_, data);
  }

  Database::Lease connection_;
  duckdb::shared_ptr<duckdb::ClientContext> context_;
  DeleteStore& deletes_;
  MemoryBudget* const memory_;
  QueryRequest request_;
  duckdb::shared_ptr<QueryTables> tables_;
  std::optional<PreparedConnection> prepared_;
  std::unique_ptr<RunningQuery> query_;
  std::optional<QueryFailure> failed_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace

PreparedConnection::~PreparedConnection() {
  context_.registered_state->Remove(kQueryTablesState);
  context_.registered_state->Remove(kSessionFormatsState);
  context_.registered_state->Remove(kQueryNumbersState);
}

QueryResult<duckdb::shared_ptr<QueryTables>> PrepareTables(duckdb::ClientContext& context,
                                                           DeleteStore& deletes,
                                                           QueryRequest request) {
  const auto failed = [](Error error) {
    return std::unexpected(QueryFailure{std::move(error), {}, {}});
  };
  auto tables = BuildQueryTables(std::move(request.tables), &deletes);
  if (!tables) return failed(std::move(tables).error());
  for (auto& table : (*tables)->tables) {
    if (table.scan.with_deletes.empty()) continue;
    auto resolved = ResolveDeletes(context, deletes, *table.scan.plan, table.scan.names,
                                   table.scan.with_deletes);
    if (!resolved) return failed(std::move(resolved).error());
  }
  SetTimeZone(context, request.time_zone);
  context.registered_state->Insert(kQueryTablesState, *tables);
  context.registered_state->Insert(
      kSessionFormatsState,
      duckdb::make_shared_ptr<SessionFormatsState>(std::move(request.formats)));
  context.registered_state->Insert(
      kQueryNumbersState, duckdb::make_shared_ptr<QueryNumbersState>(std::move(request.numbers)));
  return *std::move(tables);
}

QueryFailure QueryFailureOf(const QueryTables& tables, const duckdb::ErrorData& data) {
  if (!IsCarried(data) && IsContentError(data.Type())) {
    if (const auto* file = FindNamedFile(tables, data.RawMessage())) {
      return QueryFailure{Error{ErrorKind::kCorruption,
                                fmt::format("file \"{}\" cannot be read", file->location),
                                data.RawMessage(),
                                {}},
                          {},
                          {}};
    }
  }
  return ToQueryFailure(data);
}

QueryResult<std::unique_ptr<QueryStream>> OpenQueryStream(Database& database, DeleteStore& deletes,
                                                          MemoryBudget* memory,
                                                          QueryRequest request) {
  try {
    auto stream = std::make_unique<Stream>(database, deletes, memory, std::move(request));
    if (auto started = stream->Start(); !started)
      return std::unexpected(std::move(started).error());
    return stream;
  } catch (const std::exception& exception) {
    return std::unexpected(ToQueryFailure(duckdb::ErrorData(exception)));
  }
}

}  // namespace tarn::engine
