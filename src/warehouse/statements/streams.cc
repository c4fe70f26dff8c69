// SPDX-License-Identifier: Apache-2.0
// STREAM (Snowflake, "CREATE STREAM").
#include <spdlog/spdlog.h>

#include "base/clock.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/change_tracking.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"
#include "warehouse/streams/stream_life.h"
#include "warehouse/streams/stream_pins.h"
#include "warehouse/time_travel/point_in_time.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr int32_t kLineageVersion = 3;

StatementFailure Refused(std::string_view feature, std::string hint) {
  StatementFailure failure = UnsupportedFeature(feature);
  failure.error().error.hint = std::move(hint);
  return failure;
}

/// The stream begins at what the directory says now.
StatementResult<Stream> StreamOnStage(const Transaction& transaction, const Caller& caller,
                                      const ObjectName& name) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  STATEMENT_ASSIGN(const ObjectHead source, Resolve(transaction, caller, authority,
                                                    ObjectKind::kStage, name, "CREATE STREAM"));
  STATEMENT_ASSIGN(const auto stage, transaction.Find<Stage>(source.id));
  if (!stage) return DoesNotExist(ObjectKind::kStage, name.Written());
  Stream stream{.source_kind = StreamSource::kStage, .source = source.id};
  STATEMENT_ASSIGN(stream.source_name, transaction.QualifiedName(source.id));
  stream.offsets = {{.object = source.id,
                     .table_uuid = {},
                     .snapshot_id = std::nullopt,
                     .directory_version = stage->directory_version,
                     .at_ms = transaction.now_ms()}};
  return stream;
}

/// A CREATE STREAM … ON TABLE at work.
class TableStream {
 public:
  TableStream(StatementContext& context, const syntax::CreateStream& create, CreateRequest request,
              ObjectName source)
      : context_(context),
        create_(create),
        request_(std::move(request)),
        source_(std::move(source)) {}

  StatementResult<> ReadOptions(OptionReader& options) {
    const bool append_only = options.Bool("APPEND_ONLY").value_or(false);
    const bool insert_only = options.Bool("INSERT_ONLY").value_or(false);
    stream_.show_initial_rows = options.Bool("SHOW_INITIAL_ROWS").value_or(false);
    STATEMENT_TRY(options.Finish());
    if (append_only && insert_only) {
      return CompilationError("001003", "42000", "APPEND_ONLY and INSERT_ONLY exclude each other");
    }
    if (append_only) stream_.mode = StreamMode::kAppendOnly;
    if (insert_only) stream_.mode = StreamMode::kInsertOnly;
    return {};
  }

  StatementResult<std::string> Make() {
    STATEMENT_TRY(ReadSource());
    STATEMENT_TRY(CheckMode());
    const bool managed = table_->definition.kind == TableKind::kManaged;
    if (managed && !table_->definition.change_tracking) {
      STATEMENT_TRY(MakeTracked());
    } else {
      STATEMENT_TRY(CheckStart());
      STATEMENT_TRY(
          warehouse::CommitObjects(context_, [&](Transaction& transaction, const Caller& caller) {
            return Create(transaction, caller, *table_, start_);
          }));
    }
    if (!kept_) Pin();
    return status_;
  }

 private:
  StatementResult<> ReadSource() {
    STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(context_.query()));
    STATEMENT_ASSIGN(table_, moment->Table(source_, kSelect));
    if (table_->head.kind != ObjectKind::kTable) {
      return Refused(fmt::format("streams on {}s", FactsOf(table_->head.kind).sql),
                     "Make a stream on each table that it reads.");
    }
    if (table_->head.is_temporary()) {
      return Refused("streams on temporary tables", "Make the table without TEMPORARY.");
    }
    start_.snapshot = table_->loaded.metadata->current_snapshot_id;
    if (create_.time_travel) {
      STATEMENT_ASSIGN(start_, moment->VersionOf(*table_, *create_.time_travel));
    }
    return {};
  }

  StatementResult<> CheckMode() const {
    const bool managed = table_->definition.kind == TableKind::kManaged;
    if (managed) {
      if (stream_.mode != StreamMode::kInsertOnly) return {};
      return Refused("INSERT_ONLY streams on tables that the warehouse writes",
                     "Write APPEND_ONLY = TRUE.");
    }
    if (stream_.mode == StreamMode::kInsertOnly) return {};
    if (stream_.mode == StreamMode::kAppendOnly) {
      return Refused("APPEND_ONLY streams on tables that others write",
                     "Write INSERT_ONLY = TRUE.");
    }
    if (table_->loaded.metadata->format_version >= kLineageVersion) return {};
    return Refused("standard streams on Iceberg tables of version 2 that others write",
                   "Write INSERT_ONLY = TRUE.");
  }

  /// 091930: a table without row ids, but for Iceberg tables that have none by their version.
  StatementResult<> CheckStart() const {
    const auto& metadata = *table_->loaded.metadata;
    const auto* const start = start_.snapshot ? metadata.FindSnapshot(*start_.snapshot) : nullptr;
    const bool numbered = metadata.format_version >= kLineageVersion &&
                          (start == nullptr || start->first_row_id.has_value());
    if (numbered || table_->definition.declared_iceberg ||
        table_->definition.kind != TableKind::kManaged) {
      return {};
    }
    return NotTracked(table_->head.name);
  }

  /// The first stream of a table: its owner's, who has its changes tracked by it.
  StatementResult<> MakeTracked() {
    if (create_.time_travel) return NotTracked(table_->head.name);
    return TrackChanges(context_, source_,
                        [&](Transaction& transaction, const PinnedTable& table,
                            const TableVersion& from) -> StatementResult<> {
                          STATEMENT_ASSIGN(const Caller caller,
                                           CallerOf(transaction, *context_.session));
                          return Create(transaction, caller, table, from);
                        });
  }

  StatementResult<> Create(Transaction& transaction, const Caller& caller, const PinnedTable& table,
                           const TableVersion& from) {
    Stream stream = stream_;
    stream.source = table.head.id;
    STATEMENT_ASSIGN(stream.source_name, transaction.QualifiedName(table.head.id));
    stream.offsets = {
        {.object = table.head.id,
         .table_uuid = table.loaded.metadata->table_uuid,
         .snapshot_id = from.snapshot ? std::optional(from.snapshot->value()) : std::nullopt,
         .directory_version = 0,
         .at_ms = transaction.now_ms()}};
    CreateRequest request = request_;
    request.definition = stream;
    STATEMENT_ASSIGN(const CreateOutcome outcome, CreateObject(transaction, caller, request));
    made_ = std::move(stream);
    id_ = outcome.id;
    status_ = outcome.status;
    kept_ = outcome.result == CreateResult::kKept;
    return {};
  }

  /// Its snapshot is young: it can wait until the stream is there. Should it have gone, the stream
  /// says so.
  void Pin() {
    Account& account = *context_.account;
    const auto pinned = [&]() -> StatementResult<> {
      STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(context_.query()));
      STATEMENT_ASSIGN(const int64_t life_ms, StreamLifeMs(moment->snapshot(), made_.source));
      STATEMENT_ASSIGN(const auto table, moment->Table(source_, kSelect));
      return PinOffset(account, id_, made_, table->loaded, NowMs() + life_ms);
    }();
    if (!pinned) spdlog::warn("could not pin a stream: {}", pinned.error().error.message);
  }

  StatementContext& context_;
  const syntax::CreateStream& create_;
  const CreateRequest request_;
  const ObjectName source_;
  std::shared_ptr<const PinnedTable> table_;
  TableVersion start_;
  Stream stream_, made_;
  ObjectId id_;
  std::string status_;
  bool kept_ = false;
};

/// The status, where IF NOT EXISTS finds it.
StatementResult<std::optional<std::string>> FindExisting(const StatementContext& context,
                                                         const CreateRequest& request) {
  if (request.on_existing != OnExisting::kKeep) return std::nullopt;
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(*moment.snapshot, moment.caller));
  const auto found = Resolve(*moment.snapshot, moment.caller, authority, ObjectKind::kStream,
                             request.name, "CREATE STREAM");
  if (!found) return std::nullopt;
  return fmt::format("{} already exists, statement succeeded.", request.name.name);
}

Outcome CreateOnStage(const StatementContext& context, CreateRequest request,
                      const ObjectName& source, OptionReader& options) {
  STATEMENT_TRY(options.Finish());
  StatementOutcome told;
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_ASSIGN(request.definition, StreamOnStage(transaction, caller, source));
        STATEMENT_ASSIGN(const CreateOutcome outcome, CreateObject(transaction, caller, request));
        told.status = outcome.status;
        return {};
      }));
  return told;
}

}  // namespace

Outcome Act(StatementContext& context, const syntax::CreateStream& create) {
  const bool on_stage = create.source_kind == syntax::ObjectKind::kStage;
  const bool on_table = create.source_kind == syntax::ObjectKind::kTable;
  if (!on_stage && !on_table) {
    return Refused(fmt::format("CREATE STREAM ON {}", syntax::ToString(create.source_kind)),
                   "Streams are on tables and stages: make one on each table that it reads.");
  }
  if (on_stage && create.time_travel) {
    return UnsupportedFeature("AT and BEFORE of a stream on a stage");
  }
  if (create.head.or_alter) return UnsupportedFeature("CREATE OR ALTER STREAM");
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  STATEMENT_ASSIGN(const ObjectName source, NameOf(context, create.source));
  OptionReader options(context, "STREAM", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  request.copy_grants = options.Flag("COPY GRANTS");
  if (on_stage) return CreateOnStage(context, std::move(request), source, options);
  TableStream stream(context, create, request, source);
  STATEMENT_TRY(stream.ReadOptions(options));
  STATEMENT_ASSIGN(const auto existing, FindExisting(context, request));
  if (existing) return StatementOutcome{.status = *existing};
  StatementOutcome told;
  STATEMENT_ASSIGN(told.status, stream.Make());
  return told;
}

}  // namespace tarn::warehouse
