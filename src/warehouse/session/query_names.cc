// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/query_names.h"

#include <charconv>

#include "iceberg/model/schema.h"
#include "sql/bind/coercion.h"
#include "sql/syntax/parser.h"
#include "table/table_cache.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/connector/connector_views.h"
#include "warehouse/dynamic/defined_table.h"
#include "warehouse/information_schema/information_schema.h"
#include "warehouse/lake_tables/external_table.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"
#include "warehouse/session/result_rows.h"
#include "warehouse/session/statement_log.h"
#include "warehouse/session/table_functions.h"
#include "warehouse/show/shown_size.h"
#include "warehouse/stages/directory_rows.h"
#include "warehouse/stages/staged_rows.h"
#include "warehouse/streams/stream_changes.h"
#include "warehouse/time_travel/change_columns.h"
#include "warehouse/time_travel/point_in_time.h"

namespace tarn::warehouse {
namespace {

StatementResult<Place> PlaceOf(const Snapshot& snapshot, const ObjectHead& head) {
  STATEMENT_ASSIGN(auto schema, snapshot.FindHead(head.container));
  if (!schema) return NoSuchObject(head.name);
  STATEMENT_ASSIGN(auto database, snapshot.FindHead(schema->container));
  if (!database) return NoSuchObject(head.name);
  return Place{*std::move(database), *std::move(schema)};
}

/// The relation, where the caller has the privilege on it.
StatementResult<ObjectHead> FindRelation(const Snapshot& snapshot, const Caller& caller,
                                         const Authority& authority, const ObjectName& name,
                                         std::string_view privilege, Place& place) {
  STATEMENT_ASSIGN(ObjectHead head,
                   ResolveRelation(snapshot, caller, authority, name, std::string(privilege)));
  STATEMENT_ASSIGN(place, PlaceOf(snapshot, head));
  STATEMENT_TRY(authority.Require(head, privilege));
  return head;
}

StatementFailure NotInitialized(const ObjectHead& table) {
  return std::unexpected(StatementError{
      .error = {ErrorKind::kInvalidArgument,
                fmt::format("Dynamic Table '{}' is not initialized. Please run a manual refresh or "
                            "wait for a scheduled refresh before querying.",
                            table.name),
                {},
                {}},
      .code = "002741",
      .sqlstate = "55000"});
}

constexpr const char* kNoSuchObjectCode = "002003";

/// Streams have names of their own beside those of relations.
StatementResult<ObjectHead> FindReadableStream(const Snapshot& snapshot, const Caller& caller,
                                               const Authority& authority, const ObjectName& name,
                                               Place& place) {
  STATEMENT_ASSIGN(ObjectHead head,
                   Resolve(snapshot, caller, authority, ObjectKind::kStream, name, "SELECT"));
  STATEMENT_ASSIGN(place, PlaceOf(snapshot, head));
  STATEMENT_TRY(authority.Require(head, kSelect));
  return head;
}

StatementResult<std::shared_ptr<const PinnedTable>> Pin(NamingMoment& moment,
                                                        const ObjectHead& head,
                                                        const Place& place) {
  std::shared_ptr<const PinnedTable>& pinned = moment.pinned[head.id];
  if (pinned != nullptr) return pinned;
  STATEMENT_ASSIGN(auto definition, moment.snapshot->Find<Table>(head.id));
  if (head.kind == ObjectKind::kDynamicTable) {
    STATEMENT_ASSIGN(const auto dynamic, moment.snapshot->Find<DynamicTable>(head.id));
    if (dynamic) definition = AsTable(*dynamic);
    // 002741: the rows come with the first refresh.
    if (dynamic && !dynamic->data_timestamp_ms) return NotInitialized(head);
  }
  STATEMENT_ASSIGN(const auto pointer, FindPointer(*moment.snapshot, head.id));
  if (!definition || !pointer) {
    return UnsupportedFeature(fmt::format("reading of {} {}", FactsOf(head.kind).sql, head.name));
  }
  auto table = std::make_shared<PinnedTable>(PinnedTable{.head = head,
                                                         .database = place.database.name,
                                                         .schema = place.schema.name,
                                                         .definition = *std::move(definition),
                                                         .loaded = {}});
  STATEMENT_ASSIGN(table->area, AreaOfTable(*moment.snapshot, table->definition));
  STATEMENT_ASSIGN(table->loaded, moment.tables->tables->Load(pointer->metadata_location));
  table->files_held = moment.files_held;
  pinned = std::move(table);
  return pinned;
}

/// Rows that are in no file, as a table of a query, under the names and the id of `what`.
sql::NamedTable MadeTable(PinnedTable what, MadeRows rows) {
  sql::NamedTable table{.handle = nullptr,
                        .database = what.database,
                        .schema = what.schema,
                        .name = what.head.name,
                        .id = static_cast<uint32_t>(what.head.id.value()),
                        .columns = std::move(rows.columns)};
  what.made = std::move(rows.rows);
  table.handle = std::make_shared<const PinnedTable>(std::move(what));
  return table;
}

/// A view of a database's INFORMATION_SCHEMA, which is everybody's who may use the database.
StatementResult<sql::NamedRelation> FindInformation(const NamingMoment& moment,
                                                    const Caller& caller, const ObjectName& name) {
  const Snapshot& snapshot = *moment.snapshot;
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  const std::string written = name.database.value_or(caller.database);
  if (written.empty()) return NoCurrentDatabase("SELECT");
  STATEMENT_ASSIGN(const ObjectHead database,
                   ResolveDatabase(snapshot, caller, authority, written, "SELECT", NameUse::kUse));
  STATEMENT_ASSIGN(const bool may, authority.Has(database, kUsage));
  if (!may) return NoSuchObject(name.Written());
  ShowFacts facts;
  if (moment.tables != nullptr) facts.table_size = SizesOf(*moment.tables, snapshot);
  STATEMENT_ASSIGN(MadeRows rows,
                   InformationSchemaRows(snapshot, caller, database, name.name, facts));
  return MadeTable({.head = {.name = name.name},
                    .database = database.name,
                    .schema = kInformationSchema,
                    .definition = {},
                    .loaded = {}},
                   std::move(rows));
}

}  // namespace

ObjectName ObjectNameOf(const std::vector<std::string>& parts) {
  ObjectName name{.name = parts.back()};
  if (parts.size() >= 2) name.schema = parts[parts.size() - 2];
  if (parts.size() >= 3) name.database = parts[parts.size() - 3];
  if (name.schema && name.schema->empty()) name.schema = kPublicSchema;
  return name;
}

StatementResult<std::vector<sql::NamedColumn>> ColumnsOf(const PinnedTable& table) {
  const iceberg::Schema& schema = table.loaded.metadata->current_schema();
  std::vector<sql::NamedColumn> columns;
  for (const Column& column : table.definition.columns) {
    const ::tarn::Field* const field = schema.FindField(FieldId(column.field_id));
    if (field == nullptr) {
      return std::unexpected(
          AsStatementError(Error{ErrorKind::kCorruption,
                                 fmt::format("column \"{}\" of table \"{}\" is not in its metadata",
                                             column.name, table.head.name),
                                 {},
                                 {}}));
    }
    columns.push_back(
        {.name = column.name, .type = column.type, .field = *field, .nullable = column.nullable});
  }
  return columns;
}

StatementResult<std::shared_ptr<const PinnedTable>> PinTable(NamingMoment& moment,
                                                             const Caller& caller,
                                                             const ObjectName& name,
                                                             std::string_view privilege) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(*moment.snapshot, caller));
  Place place;
  STATEMENT_ASSIGN(const ObjectHead head,
                   FindRelation(*moment.snapshot, caller, authority, name, privilege, place));
  return Pin(moment, head, place);
}

sql::SqlResult<sql::NamedRelation> QueryNames::Relation(
    const std::vector<std::string>& parts, const std::optional<sql::NamedMoment>& moment) {
  return Told(FindAt(parts, moment));
}

sql::SqlResult<sql::NamedRelation> QueryNames::Changes(const std::vector<std::string>& parts,
                                                       const sql::NamedChanges& changes) {
  return Told(FindChanges(parts, changes));
}

StatementResult<sql::NamedRelation> QueryNames::FindAt(
    const std::vector<std::string>& parts, const std::optional<sql::NamedMoment>& written) {
  if (!written) return Find(parts, point_);
  if (written->point == "STREAM") {
    return UnsupportedFeature("AT (STREAM => …) outside of CHANGES and CREATE STREAM");
  }
  STATEMENT_ASSIGN(PointInTime point, EvaluatePoint(*moment_, caller_, *written));
  return Find(parts, std::make_shared<const PointInTime>(std::move(point)));
}

sql::SqlResult<sql::NamedRelation> QueryNames::Directory(const std::string& location) {
  return Told(FindDirectory(location));
}

sql::SqlResult<sql::NamedRelation> QueryNames::StagedFiles(
    const std::string& location, const std::vector<sql::NamedArgument>& options) {
  return Told(FindFiles(location, options));
}

sql::SqlError QueryNames::Telling(StatementError error) {
  if (!in_view_) moment_->failure = error;
  error.error.message = WithoutHeading(error.error.message);
  return {.error = std::move(error.error),
          .code = std::move(error.code),
          .sqlstate = std::move(error.sqlstate),
          .position = std::nullopt};
}

sql::SqlResult<sql::NamedRelation> QueryNames::Told(StatementResult<sql::NamedRelation> found) {
  if (found) return *std::move(found);
  return std::unexpected(Telling(std::move(found).error()));
}

sql::SqlResult<sql::NamedRelation> QueryNames::TableFunction(
    const std::vector<std::string>& parts, const std::vector<sql::NamedArgument>& arguments) {
  const warehouse::TableFunction* const function = FindTableFunction(parts.back());
  if (function == nullptr) return sql::Names::TableFunction(parts, arguments);
  auto rows = function->compute(
      {.parts = parts, .moment = *moment_, .caller = caller_, .arguments = arguments});
  if (!rows) return std::unexpected(Telling(std::move(rows).error()));
  return MadeTable({.head = {.name = parts.back()}}, *std::move(rows));
}

sql::SqlResult<sql::NamedRelation> QueryNames::PipedResult(const std::string& number) {
  const auto& piped = moment_->session->log->piped;
  size_t back = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), back);
  if (read.ec != std::errc() || back < 1 || back > piped.size()) {
    StatementFailure failure = CompilationError(
        kNoSuchObjectCode, "42S02",
        fmt::format("${} is no result of an earlier statement of a chain", number));
    return std::unexpected(Telling(std::move(failure).error()));
  }
  auto rows = RowsOf(piped[piped.size() - back]);
  if (!rows) return std::unexpected(Telling(std::move(rows).error()));
  return MadeTable({.head = {.name = "$" + number}}, *std::move(rows));
}

namespace {

/// A pinned table as a query names it, under its own name and id.
StatementResult<sql::NamedRelation> TableOf(std::shared_ptr<const PinnedTable> pinned) {
  STATEMENT_ASSIGN(auto columns, ColumnsOf(*pinned));
  if (pinned->changes) AppendChangeColumns(columns);
  return sql::NamedTable{.handle = pinned,
                         .database = pinned->database,
                         .schema = pinned->schema,
                         .name = pinned->head.name,
                         .id = static_cast<uint32_t>(pinned->head.id.value()),
                         .columns = std::move(columns)};
}

}  // namespace

StatementResult<sql::NamedRelation> QueryNames::Find(
    const std::vector<std::string>& parts, const std::shared_ptr<const PointInTime>& point) {
  const Snapshot& snapshot = *moment_->snapshot;
  const ObjectName name = ObjectNameOf(parts);
  if (name.schema.value_or(caller_.schema) == kInformationSchema) {
    if (point != nullptr) return UnsupportedFeature("AT and BEFORE of INFORMATION_SCHEMA");
    return FindInformation(*moment_, caller_, name);
  }
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller_));
  Place place;
  auto found = FindRelation(snapshot, caller_, authority, name, kSelect, place);
  if (!found && found.error().code == kNoSuchObjectCode) {
    auto stream = FindReadableStream(snapshot, caller_, authority, name, place);
    if (stream) found = *std::move(stream);
  }
  if (!found) return std::unexpected(std::move(found).error());
  const ObjectHead head = *std::move(found);
  if (head.kind == ObjectKind::kView && place.database.kind == ObjectKind::kApplication) {
    if (point != nullptr) return UnsupportedFeature("AT and BEFORE of an application's view");
    STATEMENT_ASSIGN(MadeRows rows,
                     ConnectorViewRows(snapshot, place.database.id, head.name, moment_->captures));
    return MadeTable({.head = head,
                      .database = place.database.name,
                      .schema = place.schema.name,
                      .definition = {},
                      .loaded = {}},
                     std::move(rows));
  }
  if (head.kind == ObjectKind::kView) return ExpandView(head, point);
  if (head.kind == ObjectKind::kStream) {
    if (point != nullptr) return UnsupportedFeature("AT and BEFORE of a stream");
    return FindStream(head, place);
  }
  STATEMENT_ASSIGN(const auto pinned, Pin(*moment_, head, place));
  if (point == nullptr) return TableOf(pinned);
  auto past = std::make_shared<PinnedTable>(*pinned);
  STATEMENT_ASSIGN(past->version, VersionAt(*moment_, *pinned, *point));
  return TableOf(std::move(past));
}

namespace {

/// 091930: what happened to the rows of a table whose changes nobody tracks is not known. Tables
/// that others write, and Iceberg tables of version 2, tell what they can.
StatementResult<> CheckTracked(const PinnedTable& table, const TableVersion& from) {
  constexpr int32_t kLineageVersion = 3;
  if (table.definition.kind != TableKind::kManaged) return {};
  const iceberg::TableMetadata& metadata = *table.loaded.metadata;
  const auto* const start = from.snapshot ? metadata.FindSnapshot(*from.snapshot) : nullptr;
  const bool numbered = metadata.format_version >= kLineageVersion &&
                        (start == nullptr || start->first_row_id.has_value());
  const bool told = numbered || table.definition.declared_iceberg;
  if (table.definition.change_tracking && told) return {};
  return NotTracked(table.head.name);
}

}  // namespace

StatementResult<sql::NamedRelation> QueryNames::FindChanges(const std::vector<std::string>& parts,
                                                            const sql::NamedChanges& changes) {
  const Snapshot& snapshot = *moment_->snapshot;
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller_));
  Place place;
  STATEMENT_ASSIGN(const ObjectHead head,
                   FindRelation(snapshot, caller_, authority, ObjectNameOf(parts), kSelect, place));
  if (head.kind != ObjectKind::kTable && head.kind != ObjectKind::kDynamicTable) {
    return UnsupportedFeature(fmt::format("CHANGES of {}s", FactsOf(head.kind).sql));
  }
  if (changes.start.before && changes.start.point != "STATEMENT") {
    return UnsupportedFeature("CHANGES … BEFORE of anything but a STATEMENT");
  }
  STATEMENT_ASSIGN(const auto pinned, Pin(*moment_, head, place));
  auto past = std::make_shared<PinnedTable>(*pinned);
  TableChanges read{.information = changes.append_only ? ChangeInformation::kAppendOnly
                                                       : ChangeInformation::kDefault};
  STATEMENT_ASSIGN(const PointInTime start, EvaluatePoint(*moment_, caller_, changes.start));
  STATEMENT_ASSIGN(read.from, VersionAt(*moment_, *pinned, start));
  read.to.snapshot = pinned->loaded.metadata->current_snapshot_id;
  if (changes.end) {
    if (changes.end->point == "STREAM") return UnsupportedFeature("END (STREAM => …)");
    STATEMENT_ASSIGN(const PointInTime end, EvaluatePoint(*moment_, caller_, *changes.end));
    STATEMENT_ASSIGN(read.to, VersionAt(*moment_, *pinned, end));
  }
  STATEMENT_TRY(CheckTracked(*pinned, read.from));
  if (IsBefore(*pinned->loaded.metadata, read.to, read.from)) {
    return InvalidParameterValue("END", "a time before the beginning");
  }
  past->changes = read;
  return TableOf(std::move(past));
}

namespace {

/// Rows of a stage, as a table of a query.
sql::NamedTable StageTable(const OpenedStage& stage, MadeRows rows) {
  return MadeTable({.head = stage.head,
                    .database = stage.database,
                    .schema = stage.schema,
                    .definition = {},
                    .loaded = {}},
                   std::move(rows));
}

}  // namespace

StatementResult<sql::NamedRelation> QueryNames::FindFiles(
    const std::string& location, const std::vector<sql::NamedArgument>& options) {
  STATEMENT_ASSIGN(const OpenedStage stage, OpenStage(*moment_->snapshot, caller_, location,
                                                      StageUse::kRead, moment_->stages_location));
  STATEMENT_ASSIGN(MadeRows rows,
                   StagedRows(*moment_->snapshot, caller_, *moment_->tables, stage, options));
  return StageTable(stage, std::move(rows));
}

StatementResult<sql::NamedRelation> QueryNames::FindDirectory(const std::string& location) {
  STATEMENT_ASSIGN(const OpenedStage stage, OpenStage(*moment_->snapshot, caller_, location,
                                                      StageUse::kRead, moment_->stages_location));
  STATEMENT_ASSIGN(MadeRows rows, DirectoryOfStage(*moment_->snapshot, stage));
  return StageTable(stage, std::move(rows));
}

StatementResult<sql::NamedRelation> QueryNames::FindStream(const ObjectHead& head,
                                                           const Place& place) {
  STATEMENT_ASSIGN(const auto stream, moment_->snapshot->Find<Stream>(head.id));
  if (!stream) return NoSuchObject(head.name);
  if (stream->source_kind != StreamSource::kStage) return FindTableStream(head, place, *stream);
  // What the stream's owner may read of the stage.
  const Caller owner{.user = {},
                     .role = head.owner,
                     .secondary_roles = {},
                     .database = place.database.name,
                     .schema = place.schema.name};
  STATEMENT_ASSIGN(MadeRows rows, StageStreamRows(*moment_->snapshot, owner, head, *stream,
                                                  moment_->stages_location));
  STATEMENT_ASSIGN(StreamRead read, ReadStageStream(*moment_, head, *stream));
  return MadeTable({.head = head,
                    .database = place.database.name,
                    .schema = place.schema.name,
                    .definition = {},
                    .loaded = {},
                    .stream = std::make_shared<const StreamRead>(std::move(read))},
                   std::move(rows));
}

StatementResult<sql::NamedRelation> QueryNames::FindTableStream(const ObjectHead& head,
                                                                const Place& place,
                                                                const Stream& stream) {
  const Snapshot& snapshot = *moment_->snapshot;
  STATEMENT_TRY(CheckSource(snapshot, head, stream));
  STATEMENT_ASSIGN(const auto source, snapshot.FindHead(stream.source));
  if (!source) return NoSuchObject(stream.source_name);
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller_));
  STATEMENT_TRY(authority.Require(*source, kSelect));
  STATEMENT_ASSIGN(const Place source_place, PlaceOf(snapshot, *source));
  STATEMENT_ASSIGN(const auto table, Pin(*moment_, *source, source_place));
  STATEMENT_ASSIGN(StreamRead read, ReadTableStream(*moment_, head, stream, *table));
  auto pinned = std::make_shared<PinnedTable>(*table);
  pinned->head = head;
  pinned->database = place.database.name;
  pinned->schema = place.schema.name;
  pinned->changes = read.changes;
  pinned->stream = std::make_shared<const StreamRead>(std::move(read));
  return TableOf(std::move(pinned));
}

StatementResult<sql::NamedRelation> QueryNames::ExpandView(
    const ObjectHead& head, std::shared_ptr<const PointInTime> point) {
  STATEMENT_ASSIGN(const auto view, moment_->snapshot->Find<View>(head.id));
  if (!view) return NoSuchObject(head.name);
  STATEMENT_ASSIGN(const Place place, PlaceOf(*moment_->snapshot, head));
  auto text = std::make_shared<const std::string>(view->query);
  auto parsed = sql::syntax::ParseQuery(*text);
  if (!parsed) return std::unexpected(FromSyntax(std::move(parsed).error()));
  // With its owner's rights, and names relative to where it lies. What a session has for itself is
  // read by views of that session alone: what others show must not depend on who asks.
  Caller owner{.role = head.owner,
               .secondary_roles = {},
               .database = place.database.name,
               .schema = place.schema.name,
               .session = head.session};
  sql::NamedView named{
      .database = place.database.name,
      .schema = place.schema.name,
      .name = head.name,
      .text = std::move(text),
      .query = std::make_shared<const sql::syntax::Query>(*std::move(parsed)),
      .names = std::make_shared<QueryNames>(moment_, std::move(owner), true, std::move(point)),
      .columns = {}};
  for (const Column& column : view->columns) named.columns.push_back(column.name);
  return named;
}

std::optional<sql::bound::Expression> QueryNames::Variable(const std::string& name) {
  // What a view showed would depend on who asks.
  if (!sees_variables_) return std::nullopt;
  const auto found = moment_->session->variables.find(name);
  if (found == moment_->session->variables.end()) return std::nullopt;
  return found->second;
}

}  // namespace tarn::warehouse
