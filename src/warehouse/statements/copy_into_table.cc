// SPDX-License-Identifier: Apache-2.0
// COPY INTO a table (Snowflake, "COPY INTO <table>"; docs/internals/tables.md, "Loading files").
#include <algorithm>
#include <cmath>

#include "sql/syntax/name.h"
#include "sql/syntax/parser.h"
#include "warehouse/managed_tables/file_load.h"
#include "warehouse/managed_tables/parquet_load.h"
#include "warehouse/managed_tables/row_writing.h"
#include "warehouse/managed_tables/stored_columns.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"
#include "warehouse/session/file_names.h"
#include "warehouse/statements/actions.h"
#include "warehouse/statements/copy_into.h"
#include "warehouse/statements/copy_options.h"
#include "warehouse/statements/load_query.h"
#include "warehouse/statements/object_statements.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr std::array kLoadColumns = {ShownColumn{"file"},
                                     ShownColumn{"status"},
                                     ShownColumn{"rows_parsed", ShownType::kNumber},
                                     ShownColumn{"rows_loaded", ShownType::kNumber},
                                     ShownColumn{"error_limit", ShownType::kNumber},
                                     ShownColumn{"errors_seen", ShownType::kNumber},
                                     ShownColumn{"first_error"},
                                     ShownColumn{"first_error_line", ShownType::kNumber},
                                     ShownColumn{"first_error_character", ShownType::kNumber},
                                     ShownColumn{"first_error_column_name"}};
constexpr const char* kNoFiles = "Copy executed with 0 files processed.";
constexpr size_t kFilesMax = 1000;

/// A file that is to be loaded, and what was stored of it.
struct Candidate {
  StageFile file;
  std::optional<LoadedFile> stored;
};

/// The statement at work.
class CopyIntoTable {
 public:
  CopyIntoTable(StatementContext& context, const syntax::CopyIntoTable& copy)
      : context_(context), query_(context.query()), copy_(copy) {}

  /// All that is asked of the metastore.
  StatementResult<> Prepare();
  StatementResult<RowSet> Load();
  /// Of Load: whether it had anything to do.
  bool found_files() const { return !loaded_.empty() || !missing_.empty(); }

 private:
  StatementResult<> ReadOptions(const BindingMoment& moment);
  StatementResult<std::vector<size_t>> TargetColumns() const;
  StatementResult<> Bind(BindingMoment& moment);
  StatementResult<> FindFiles(const Snapshot& snapshot);
  StatementResult<std::vector<StageFile>> Named(std::vector<StageFile> files);
  StatementResult<bool> IsToLoad(const Snapshot& snapshot, Candidate& candidate) const;
  StatementResult<FileResult> LoadOne(FileLoad& load, const StageFile& file);
  StatementError Gone(const std::string& path) const;
  bool Aborts(const LoadError& error) const;
  StatementFailure Abort(const StageFile& file, const LoadError& error) const;
  std::vector<Value> RowOf(const std::string& path, const FileResult& result) const;
  int64_t ErrorLimit(const FileResult& result) const;
  void Remember(const Candidate& candidate, const FileResult& result);
  bool shows(const FileResult& result) const {
    return !options_.return_failed_only || result.errors_seen > 0 || result.first_error;
  }

  StatementContext& context_;
  const QueryContext query_;
  const syntax::CopyIntoTable& copy_;
  std::string text_;                   ///< of the query that was made
  std::optional<syntax::Query> made_;  ///< unless the statement has one
  CopyOptions options_;
  std::vector<std::string> names_;  ///< FILES
  std::optional<std::string> pattern_;
  OpenedStage stage_;
  FileFormat format_;
  RowShape shape_;
  PreparedLoad load_;
  std::vector<Candidate> candidates_;
  std::vector<std::string> missing_;  ///< of FILES
  std::vector<std::pair<Candidate, FileResult>> loaded_;
};

StatementResult<> CopyIntoTable::ReadOptions(const BindingMoment& moment) {
  OptionReader options(context_, "COPY INTO", copy_.options);
  const auto* query = std::get_if<syntax::Query>(&copy_.source);
  syntax::FileLocation location{syntax::StageReference{}};
  if (query != nullptr) {
    STATEMENT_ASSIGN(const auto* files, FilesOf(*query));
    location = files->stage;
  } else {
    location = std::get<syntax::FileLocation>(copy_.source);
  }
  STATEMENT_ASSIGN(stage_, OpenFileLocation(context_, moment.snapshot(), moment.caller(), location,
                                            options, StageUse::kRead));
  STATEMENT_ASSIGN(options_, ReadCopyOptions(options, stage_.definition.copy_options));
  STATEMENT_ASSIGN(format_, ReadCopyFormat(context_, moment.snapshot(), moment.caller(),
                                           copy_.options, options, stage_.definition));
  names_ = options.Texts("FILES").value_or(std::vector<std::string>());
  pattern_ = options.Text("PATTERN");
  STATEMENT_TRY(options.Finish());
  if (names_.size() > kFilesMax) return InvalidParameterValue("FILES", "more than 1000 files");
  if (query != nullptr && options_.match != ColumnMatch::kNone) {
    return CompilationError("002302", "0A000",
                            "match_by_column_name is not supported with copy transform.");
  }
  STATEMENT_TRY(CheckLoadable(format_, options_.match));
  if (!options_.purge || !stage_.is_internal()) return {};
  // The same stage, to remove files from.
  STATEMENT_TRY(OpenFileLocation(context_, moment.snapshot(), moment.caller(), location, options,
                                 StageUse::kWrite));
  return {};
}

/// By the table's definition.
StatementResult<std::vector<size_t>> CopyIntoTable::TargetColumns() const {
  const std::vector<Column>& columns = load_.table->definition.columns;
  const bool fold = MakeBindRequest(query_).quoted_identifiers_ignore_case;
  std::vector<size_t> targets;
  for (const syntax::Identifier& name : copy_.columns) {
    const std::string canonical = fold ? syntax::UpperCase(name.Canonical()) : name.Canonical();
    const auto found = std::ranges::find(columns, canonical, &Column::name);
    if (found == columns.end()) {
      return CompilationError("000904", "42000", fmt::format("invalid identifier '{}'", canonical));
    }
    targets.push_back(static_cast<size_t>(found - columns.begin()));
  }
  if (!copy_.columns.empty()) return targets;
  for (size_t i = 0; i < columns.size(); ++i) targets.push_back(i);
  return targets;
}

StatementResult<> CopyIntoTable::Bind(BindingMoment& moment) {
  const auto* query = std::get_if<syntax::Query>(&copy_.source);
  STATEMENT_ASSIGN(const std::vector<size_t> columns, TargetColumns());
  const std::vector<Column>& defined = load_.table->definition.columns;
  if (query != nullptr) {
    shape_.fields = FieldsIn(syntax::TextOf(context_.text, query->span));
  } else {
    const auto mismatch = format_.options.find("ERROR_ON_COLUMN_COUNT_MISMATCH");
    shape_.fields = columns.size();
    shape_.exact = mismatch == format_.options.end() || mismatch->second == "TRUE";
    shape_.any_case = options_.match == ColumnMatch::kCaseInsensitive;
    if (options_.match != ColumnMatch::kNone && format_.type == "CSV") {
      for (const size_t column : columns) shape_.names.push_back(defined[column].name);
    }
    std::vector<Column> filled;
    for (const size_t column : columns) filled.push_back(defined[column]);
    STATEMENT_ASSIGN(text_, LoadQuery(filled, format_, options_.match));
    auto parsed = syntax::ParseQuery(text_);
    if (!parsed) return std::unexpected(FromSyntax(std::move(parsed).error()));
    made_ = *std::move(parsed);
    query = &*made_;
  }
  load_.by_place = made_ && format_.type == "CSV";
  load_.delimited = format_.type == "CSV";
  STATEMENT_ASSIGN(const sql::ChangeTarget target, TargetOf(query_, *load_.table));
  sql::BindRequest request = moment.Request();
  FileNames names(request.names, stage_, ColumnsOf(format_, shape_));
  request.names = &names;
  if (made_) request.text = text_;
  const auto bind = [&](bool guarded, sql::BoundLoad& bound) -> StatementResult<> {
    auto done = sql::BindLoad(*query, copy_.columns, target,
                              {.truncate = options_.truncate, .guarded = guarded}, request);
    if (!done) {
      StatementError failure = moment.FailureOf(std::move(done).error());
      if (made_) failure.position.reset();
      return std::unexpected(std::move(failure));
    }
    bound = *std::move(done);
    return {};
  };
  STATEMENT_TRY(bind(true, load_.guarded));
  return bind(false, load_.plain);
}

/// Those of FILES; what there is not goes to missing_.
StatementResult<std::vector<StageFile>> CopyIntoTable::Named(std::vector<StageFile> files) {
  if (names_.empty()) return files;
  std::vector<StageFile> named;
  for (const std::string& name : names_) {
    const std::string path = stage_.path + name;
    const auto found = std::ranges::find(files, path, &StageFile::path);
    if (found == files.end()) {
      missing_.push_back(path);
    } else if (std::ranges::find(named, path, &StageFile::path) == named.end()) {
      named.push_back(*found);
    }
  }
  return named;
}

/// Whether nobody has loaded the file as it is, and says what was stored of it.
StatementResult<bool> CopyIntoTable::IsToLoad(const Snapshot& snapshot,
                                              Candidate& candidate) const {
  const ObjectId table = load_.table->head.id;
  const LoadRecords& loads = context_.transaction->loads();
  const StageFile& file = candidate.file;
  STATEMENT_ASSIGN(candidate.stored, loads.Find(snapshot, table, stage_.area.base + file.path));
  if (options_.force) return true;
  if (candidate.stored) {
    return candidate.stored->size != file.size || candidate.stored->modified_ms != file.modified_ms;
  }
  const int64_t forgotten = snapshot.now_ms() - kLoadHistoryMs;
  if (options_.load_uncertain_files || file.modified_ms > forgotten || loads.forgets(table)) {
    return true;
  }
  STATEMENT_ASSIGN(const auto first, FirstLoadOf(snapshot, table));
  return !first || *first > forgotten;
}

StatementResult<> CopyIntoTable::FindFiles(const Snapshot& snapshot) {
  const table::TableContext& tables = context_.account->tables();
  STATEMENT_ASSIGN(auto files, ListFiles(*tables.storage, stage_.area, stage_.path));
  if (pattern_ && names_.empty()) {
    STATEMENT_ASSIGN(files, Matching(*tables.engine, std::move(files), *pattern_));
  }
  STATEMENT_ASSIGN(files, Named(std::move(files)));
  for (StageFile& file : files) {
    Candidate candidate{.file = std::move(file), .stored = std::nullopt};
    STATEMENT_ASSIGN(const bool loads, IsToLoad(snapshot, candidate));
    if (loads) candidates_.push_back(std::move(candidate));
  }
  return {};
}

StatementResult<> CopyIntoTable::Prepare() {
  STATEMENT_ASSIGN(const ObjectName name, NameOf(context_, copy_.table));
  STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(query_));
  STATEMENT_ASSIGN(load_.table, moment->Table(name, kInsert));
  STATEMENT_TRY(CheckWritable(*load_.table));
  STATEMENT_TRY(ReadOptions(*moment));
  STATEMENT_TRY(Bind(*moment));
  return FindFiles(moment->snapshot());
}

StatementError CopyIntoTable::Gone(const std::string& path) const {
  return {.error = {ErrorKind::kNotFound,
                    fmt::format("Remote file '{}' was not found.", stage_.ShownName(path)),
                    {},
                    {}},
          .sqlstate = "02000"};
}

/// A file that was listed and is gone ends nothing, unless FILES names it (Snowflake, "ON_ERROR").
bool CopyIntoTable::Aborts(const LoadError& error) const {
  const bool vanished = error.record == 0 && error.error.error.kind == ErrorKind::kNotFound;
  return options_.errors.on_error == OnError::kAbortStatement && !(vanished && names_.empty());
}

StatementFailure CopyIntoTable::Abort(const StageFile& file, const LoadError& error) const {
  StatementError failure = error.error;
  const std::string name = stage_.is_internal() ? fmt::format("@{}/{}", stage_.head.name, file.path)
                                                : stage_.ShownName(file.path);
  failure.error.message += fmt::format("\n  File '{}'", name);
  if (error.record > 0) {
    failure.error.message += fmt::format(", line {}, character {}\n  Row {}", error.place.line,
                                         error.place.character, error.record);
    if (!error.column.empty()) failure.error.message += ", column " + error.column;
  }
  if (failure.error.hint.empty()) {
    failure.error.hint =
        "ON_ERROR = CONTINUE loads the rows that are sound, SKIP_FILE the files that are.";
  }
  return std::unexpected(std::move(failure));
}

/// A file that cannot be read is an error of its own; what is nobody's fault but ours fails.
StatementResult<FileResult> CopyIntoTable::LoadOne(FileLoad& load, const StageFile& file) {
  if (context_.run->is_cancelled()) return context_.run->Failure();
  const table::TableContext& tables = context_.account->tables();
  StatementError failure;
  if (format_.type == "PARQUET") {
    ParquetLoad parts(tables, stage_.area, file, format_, load);
    auto result = parts.Load(options_.errors);
    if (result || !parts.unreadable()) return result;
    failure = *parts.unreadable();
  } else {
    auto rows = FileRows::Read(tables, stage_.area, file, format_, shape_);
    if (rows) return load.Load(*rows, options_.errors);
    failure = std::move(rows).error();
  }
  const ErrorKind kind = failure.error.kind;
  if (kind == ErrorKind::kNotFound) failure = Gone(file.path);
  const bool of_file = kind == ErrorKind::kInvalidArgument || kind == ErrorKind::kCorruption ||
                       kind == ErrorKind::kNotFound;
  if (!of_file) return std::unexpected(std::move(failure));
  return FileResult{
      .status = "LOAD_FAILED",
      .errors_seen = 1,
      .first_error = LoadError{.error = std::move(failure), .place = {}, .column = {}}};
}

void CopyIntoTable::Remember(const Candidate& candidate, const FileResult& result) {
  if (result.status == "LOAD_FAILED") return;
  const StageFile& file = candidate.file;
  context_.transaction->loads().Add(load_.table->head.id,
                                    {.location = stage_.area.base + file.path,
                                     .size = file.size,
                                     .modified_ms = file.modified_ms,
                                     .status = result.status,
                                     .rows = result.rows_loaded,
                                     .loaded_ms = context_.account->clock().NowMs()},
                                    candidate.stored, options_.force);
  if (!options_.purge || result.status != "LOADED") return;
  context_.transaction->DeleteAfterCommit({stage_.area.base + file.path});
}

int64_t CopyIntoTable::ErrorLimit(const FileResult& result) const {
  const ErrorPolicy& policy = options_.errors;
  if (policy.on_error == OnError::kContinue) return result.rows_parsed;
  if (policy.on_error == OnError::kAbortStatement) return 1;
  if (!policy.skip_percent) return policy.skip_errors;
  const double rows = static_cast<double>(result.rows_parsed) * *policy.skip_percent / 100;
  return static_cast<int64_t>(std::floor(rows)) + 1;
}

std::vector<Value> CopyIntoTable::RowOf(const std::string& path, const FileResult& result) const {
  std::vector<Value> row = {stage_.ShownName(path),
                            result.status,
                            result.rows_parsed,
                            result.rows_loaded,
                            ErrorLimit(result),
                            result.errors_seen,
                            {},
                            {},
                            {},
                            {}};
  if (!result.first_error) return row;
  row[6] = result.first_error->error.error.message;
  if (result.first_error->record == 0) return row;
  row[7] = result.first_error->place.line;
  row[8] = result.first_error->place.character;
  if (!result.first_error->column.empty()) row[9] = result.first_error->column;
  return row;
}

StatementResult<RowSet> CopyIntoTable::Load() {
  RowSet rows = LoadColumns();
  for (const std::string& path : missing_) {
    FileResult gone{.status = "LOAD_FAILED", .errors_seen = 1};
    gone.first_error = LoadError{.error = Gone(path), .place = {}, .column = {}};
    if (options_.errors.on_error == OnError::kAbortStatement) {
      return std::unexpected(gone.first_error->error);
    }
    rows.rows.push_back(RowOf(path, gone));
  }
  if (candidates_.empty()) return rows;
  SessionTransaction& transaction = *context_.transaction;
  STATEMENT_ASSIGN(const auto load, FileLoad::Open(query_, load_, transaction));
  int64_t bytes = 0;
  for (const Candidate& candidate : candidates_) {
    if (options_.size_limit && bytes > *options_.size_limit) break;
    STATEMENT_ASSIGN(FileResult result, LoadOne(*load, candidate.file));
    if (result.first_error && Aborts(*result.first_error)) {
      return Abort(candidate.file, *result.first_error);
    }
    if (result.status != "LOAD_FAILED") bytes += candidate.file.size;
    if (shows(result)) rows.rows.push_back(RowOf(candidate.file.path, result));
    loaded_.emplace_back(candidate, std::move(result));
  }
  STATEMENT_ASSIGN(auto files, load->Finish());
  STATEMENT_TRY(transaction.Append(*load_.table, std::move(files), load->next_ordinal()));
  for (const auto& [candidate, result] : loaded_) Remember(candidate, result);
  return rows;
}

}  // namespace

Outcome Act(StatementContext& context, const syntax::CopyIntoTable& copy) {
  CopyIntoTable work(context, copy);
  STATEMENT_TRY(work.Prepare());
  STATEMENT_ASSIGN(RowSet rows, work.Load());
  if (!work.found_files()) return StatementOutcome{.status = kNoFiles};
  return StatementOutcome{.status = {}, .counts = {}, .rows = std::move(rows)};
}

RowSet LoadColumns() { return {.columns = {kLoadColumns.begin(), kLoadColumns.end()}, .rows = {}}; }

}  // namespace tarn::warehouse
