// SPDX-License-Identifier: Apache-2.0
// COPY INTO a location (Snowflake, "COPY INTO <location>"; docs/internals/tables.md, "Unloading").
#include <algorithm>

#include "base/batch_selection.h"
#include "sql/bind/bind_change.h"
#include "sql/syntax/name.h"
#include "sql/syntax/parser.h"
#include "warehouse/managed_tables/row_intake.h"
#include "warehouse/managed_tables/stored_columns.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"
#include "warehouse/session/statement_log.h"
#include "warehouse/stages/delimited_writing.h"
#include "warehouse/stages/unloaded_files.h"
#include "warehouse/statements/actions.h"
#include "warehouse/statements/copy_into.h"
#include "warehouse/statements/copy_options.h"
#include "warehouse/statements/unload_query.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr int64_t kFileBytesMost = 5'368'709'120;

constexpr std::array kSummaryColumns = {ShownColumn{"rows_unloaded", ShownType::kNumber},
                                        ShownColumn{"input_bytes", ShownType::kNumber},
                                        ShownColumn{"output_bytes", ShownType::kNumber}};
constexpr std::array kDetailColumns = {ShownColumn{"FILE_NAME"},
                                       ShownColumn{"FILE_SIZE", ShownType::kNumber},
                                       ShownColumn{"ROW_COUNT", ShownType::kNumber}};

RowSet ColumnsFor(bool detailed) {
  if (detailed) return {.columns = {kDetailColumns.begin(), kDetailColumns.end()}, .rows = {}};
  return {.columns = {kSummaryColumns.begin(), kSummaryColumns.end()}, .rows = {}};
}

std::optional<std::string_view> TextAt(const ColumnView& column, int64_t row) {
  if (column.is_null(row)) return std::nullopt;
  const auto begin = static_cast<size_t>(column.offsets[row]);
  const auto end = static_cast<size_t>(column.offsets[row + 1]);
  return std::string_view(reinterpret_cast<const char*>(column.values) + begin, end - begin);
}

/// The statement at work.
class CopyIntoLocation {
 public:
  CopyIntoLocation(StatementContext& context, const syntax::CopyIntoLocation& copy)
      : context_(context), query_(context.query()), copy_(copy) {}

  StatementResult<> Prepare();
  StatementResult<> Unload();
  RowSet Told() const;

 private:
  StatementResult<> ReadOptions(const BindingMoment& moment);
  StatementResult<> NameFiles(bool query_id);
  StatementResult<sql::BoundQuery> Bind(BindingMoment& moment, const std::string& text) const;
  StatementResult<> UnloadTexts(UnloadedFiles& files);
  StatementResult<> BindForFiles(BindingMoment& moment);
  StatementResult<> UnloadParquet(UnloadedFiles& files);
  StatementResult<std::unique_ptr<engine::DataFileWriter>> OpenParquet(const std::string& location);

  StatementContext& context_;
  const QueryContext query_;
  const syntax::CopyIntoLocation& copy_;
  OpenedStage stage_;
  FileFormat format_;
  FileEnding ending_;
  UnloadTarget target_;
  bool header_ = false, detailed_ = false;
  std::string text_;  ///< of the query that gives the values
  sql::BoundQuery bound_;
  std::vector<sql::bound::OutputColumn> columns_;  ///< as the statement's source has them
  std::vector<UnloadedFile> told_;                 ///< without their objects
  int64_t input_bytes_ = 0;
};

StatementResult<> CopyIntoLocation::ReadOptions(const BindingMoment& moment) {
  if (copy_.partition_by) {
    return Unsupported("COPY INTO a location with PARTITION BY",
                       "Unload each part by a query of its own, into a path of its own.");
  }
  OptionReader options(context_, "COPY INTO", copy_.options);
  STATEMENT_ASSIGN(stage_, OpenFileLocation(context_, moment.snapshot(), moment.caller(),
                                            copy_.location, options, StageUse::kWrite));
  STATEMENT_ASSIGN(format_, ReadCopyFormat(context_, moment.snapshot(), moment.caller(),
                                           copy_.options, options, stage_.definition));
  // HEADER alone is HEADER = TRUE.
  const auto header = std::ranges::find(copy_.options, "HEADER", &syntax::Option::key);
  const bool alone = header != copy_.options.end() && !header->value;
  header_ = alone ? options.Flag("HEADER") : options.Bool("HEADER").value_or(false);
  detailed_ = options.Bool("DETAILED_OUTPUT").value_or(false);
  target_.single = options.Bool("SINGLE").value_or(false);
  target_.overwrite = options.Bool("OVERWRITE").value_or(false);
  target_.file_bytes_max =
      options.Integer("MAX_FILE_SIZE", 1, kFileBytesMost).value_or(target_.file_bytes_max);
  const bool query_id = options.Bool("INCLUDE_QUERY_ID").value_or(false);
  const auto validation = options.Text("VALIDATION_MODE");
  STATEMENT_TRY(options.Finish());
  if (validation) return Unsupported("VALIDATION_MODE", "Run the query itself.");
  if (query_id && (target_.single || target_.overwrite)) {
    return Unsupported(fmt::format("INCLUDE_QUERY_ID = TRUE with {} = TRUE",
                                   target_.single ? "SINGLE" : "OVERWRITE"),
                       "Set one of them.");
  }
  STATEMENT_TRY(CheckUnloadable(format_));
  if (target_.overwrite && format_.type == "PARQUET") {
    return Unsupported("OVERWRITE = TRUE with Parquet",
                       "REMOVE the files first, or use another path.");
  }
  STATEMENT_ASSIGN(ending_, EndingOf(format_));
  return NameFiles(query_id);
}

/// Snowflake, "Overview of data unloading": data_0_0_0.csv.gz, or with the path's last part.
StatementResult<> CopyIntoLocation::NameFiles(bool query_id) {
  std::string path = stage_.path;
  const bool folder = path.empty() || path.ends_with('/');
  if (folder) path += "data";
  if (!target_.single && !path.ends_with('_')) path += "_";
  if (query_id) path += context_.session->log->latest().ToString() + "_";
  target_.extension = ending_.extension;
  // Every name that follows lies in the same folder.
  STATEMENT_ASSIGN(target_.location, stage_.area.Find(path));
  return {};
}

StatementResult<sql::BoundQuery> CopyIntoLocation::Bind(BindingMoment& moment,
                                                        const std::string& text) const {
  auto parsed = syntax::ParseQuery(text);
  if (!parsed) return std::unexpected(FromSyntax(std::move(parsed).error()));
  sql::BindRequest request = moment.Request();
  request.text = text;
  auto bound = sql::BindQuery(*parsed, request);
  if (bound) return *std::move(bound);
  StatementError failure = moment.FailureOf(std::move(bound).error());
  failure.position.reset();
  return std::unexpected(std::move(failure));
}

StatementResult<> CopyIntoLocation::Prepare() {
  STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(query_));
  STATEMENT_TRY(ReadOptions(*moment));
  std::string source;
  if (const auto* query = std::get_if<syntax::Query>(&copy_.source)) {
    source = fmt::format("({})", syntax::TextOf(context_.text, query->span));
  } else {
    source = syntax::TextOf(context_.text, std::get<syntax::ObjectName>(copy_.source).span);
  }
  STATEMENT_ASSIGN(const sql::BoundQuery plain, Bind(*moment, "SELECT * FROM " + source));
  columns_ = plain.query.columns;
  STATEMENT_ASSIGN(text_, UnloadQuery(source, columns_, format_));
  STATEMENT_ASSIGN(bound_, Bind(*moment, text_));
  return format_.type == "PARQUET" ? BindForFiles(*moment) : StatementResult<>();
}

/// Values as files have them: times and timestamps travel to clients in other types.
StatementResult<> CopyIntoLocation::BindForFiles(BindingMoment& moment) {
  auto parsed = syntax::ParseQuery(text_);
  if (!parsed) return std::unexpected(FromSyntax(std::move(parsed).error()));
  sql::ChangeTarget target;
  int32_t member_id = static_cast<int32_t>(bound_.query.columns.size()) + 1;
  for (const sql::bound::OutputColumn& column : bound_.query.columns) {
    STATEMENT_ASSIGN(Type stored, StoredTypeOf(column.type, member_id));
    target.columns.push_back(
        {.name = column.name, .type = column.type, .stored = std::move(stored)});
  }
  sql::BindRequest request = moment.Request();
  request.text = text_;
  auto rows = sql::BindRows(*parsed, target, request);
  if (!rows) return std::unexpected(moment.FailureOf(std::move(rows).error()));
  bound_ = std::move(rows->query);
  return {};
}

StatementResult<> CopyIntoLocation::UnloadTexts(UnloadedFiles& files) {
  const bool csv = format_.type == "CSV";
  DelimitedFormat delimited;
  if (csv) {
    STATEMENT_ASSIGN(delimited, DelimitedFormatOf(format_.options));
  }
  DelimitedWriting writing(std::move(delimited));
  std::string header;
  if (csv && header_) {
    for (const auto& column : columns_) writing.AddField(column.name, true, header);
    writing.EndRecord(header);
  }
  TextUnload unload(files, std::move(header), ending_.packed);
  STATEMENT_ASSIGN(auto tables, PlanTables(query_, bound_));
  STATEMENT_TRY(ForEachBatch(
      query_, std::move(tables), bound_, [&](const BatchView& batch) -> StatementResult<> {
        std::string record;
        for (int64_t row = 0; row < batch.rows; ++row) {
          record.clear();
          if (csv) {
            for (size_t i = 0; i < batch.columns.size(); ++i) {
              writing.AddField(TextAt(batch.columns[i], row), IsEnclosed(columns_[i].type), record);
            }
            writing.EndRecord(record);
          } else {
            record = TextAt(batch.columns[0], row).value_or("null");
            record += "\n";
          }
          STATEMENT_TRY(unload.Add(record));
        }
        return {};
      }));
  STATEMENT_TRY(unload.Finish());
  input_bytes_ = unload.text_bytes();
  return {};
}

StatementResult<std::unique_ptr<engine::DataFileWriter>> CopyIntoLocation::OpenParquet(
    const std::string& location) {
  std::vector<::tarn::Field> fields;
  for (size_t i = 0; i < columns_.size(); ++i) {
    fields.push_back({.id = FieldId(static_cast<int32_t>(i) + 1),
                      .name = header_ ? columns_[i].name : fmt::format("col{}", i + 1),
                      .type = bound_.query.columns[i].carrier});
  }
  engine::DataFileOptions options{.codec = ending_.packed ? engine::ParquetCodec::kSnappy
                                                          : engine::ParquetCodec::kUncompressed};
  auto writer =
      context_.account->tables().engine->CreateDataFile(location, std::move(fields), options);
  if (writer) return *std::move(writer);
  if (writer.error().kind == ErrorKind::kAlreadyExists) return AlreadyUnloaded(location);
  return std::unexpected(AsStatementError(std::move(writer).error()));
}

StatementResult<> CopyIntoLocation::UnloadParquet(UnloadedFiles& files) {
  std::unique_ptr<engine::DataFileWriter> writer;
  std::string location;
  const auto end = [&]() -> StatementResult<> {
    if (writer == nullptr) return {};
    const int64_t rows = writer->rows();
    STATEMENT_ASSIGN(engine::UnpublishedFile done, writer->Finish());
    writer.reset();
    const int64_t bytes = done.object->size_bytes();
    files.Add(
        {.location = location, .bytes = bytes, .rows = rows, .object = std::move(done.object)});
    return {};
  };
  STATEMENT_ASSIGN(auto tables, PlanTables(query_, bound_));
  STATEMENT_TRY(ForEachBatch(
      query_, std::move(tables), bound_, [&](const BatchView& batch) -> StatementResult<> {
        if (writer != nullptr && writer->size_bytes() >= target_.file_bytes_max) {
          STATEMENT_TRY(end());
        }
        if (writer == nullptr) {
          STATEMENT_ASSIGN(location, files.NextLocation());
          STATEMENT_ASSIGN(writer, OpenParquet(location));
        }
        input_bytes_ += BatchBytes(batch);
        STATEMENT_TRY(writer->Append(batch));
        return {};
      }));
  return end();
}

StatementResult<> CopyIntoLocation::Unload() {
  UnloadedFiles files(*context_.account->tables().storage, target_);
  STATEMENT_TRY(format_.type == "PARQUET" ? UnloadParquet(files) : UnloadTexts(files));
  if (context_.run->is_cancelled()) return context_.run->Failure();
  STATEMENT_TRY(files.Publish());
  for (const UnloadedFile& file : files.files()) {
    told_.push_back(
        {.location = file.location, .bytes = file.bytes, .rows = file.rows, .object = nullptr});
  }
  return {};
}

RowSet CopyIntoLocation::Told() const {
  RowSet rows = ColumnsFor(detailed_);
  int64_t count = 0;
  int64_t bytes = 0;
  for (const UnloadedFile& file : told_) {
    count += file.rows;
    bytes += file.bytes;
    if (detailed_) {
      rows.rows.push_back({file.location.substr(stage_.area.base.size()), file.bytes, file.rows});
    }
  }
  if (!detailed_) rows.rows.push_back({count, input_bytes_, bytes});
  return rows;
}

}  // namespace

Outcome Act(StatementContext& context, const syntax::CopyIntoLocation& copy) {
  CopyIntoLocation work(context, copy);
  STATEMENT_TRY(work.Prepare());
  STATEMENT_TRY(work.Unload());
  return StatementOutcome{.status = {}, .counts = {}, .rows = work.Told()};
}

StatementResult<RowSet> UnloadColumnsOf(const StatementContext& context,
                                        const syntax::CopyIntoLocation& copy) {
  OptionReader options(context, "COPY INTO", copy.options);
  return ColumnsFor(options.Bool("DETAILED_OUTPUT").value_or(false));
}

}  // namespace tarn::warehouse
