// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/opened_stage.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "base/batch.h"
#include "engine/query.h"
#include "sql/syntax/name.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/lake_tables/foreign_metadata.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"
#include "warehouse/session/named_rows.h"

namespace tarn::warehouse {
namespace {

/// Where the name ends: at the first slash outside of quotes.
size_t EndOfName(std::string_view location) {
  bool quoted = false;
  for (size_t i = 0; i < location.size(); ++i) {
    if (location[i] == '"') quoted = !quoted;
    if (location[i] == '/' && !quoted) return i;
  }
  return location.size();
}

StatementResult<> Require(const Authority& authority, const ObjectHead& head, const Stage& stage,
                          StageUse use) {
  if (!stage.url.empty()) return authority.RequireAnyOf(head, {kUsage});
  if (use == StageUse::kWrite) return authority.RequireAnyOf(head, {kWrite});
  return authority.RequireAnyOf(head, {kRead, kWrite});
}

void SpreadTies(std::vector<StageFile>& files) {
  std::map<std::string_view, std::vector<StageFile*>> folders;
  for (StageFile& file : files) {
    if (!IsMetadataFile(file.path)) continue;
    const std::string_view path = file.path;
    folders[path.substr(0, path.rfind('/') + 1)].push_back(&file);
  }
  for (auto& [folder, members] : folders) {
    std::ranges::sort(members, [](const StageFile* a, const StageFile* b) {
      const int64_t one = VersionInName(a->path).value_or(-1);
      const int64_t other = VersionInName(b->path).value_or(-1);
      return std::tie(a->modified_ms, one, a->path) < std::tie(b->modified_ms, other, b->path);
    });
    for (size_t i = 1; i < members.size(); ++i) {
      members[i]->modified_ms = std::max(members[i]->modified_ms, members[i - 1]->modified_ms + 1);
    }
  }
}

}  // namespace

std::string OpenedStage::ShownName(const std::string& relative_path) const {
  if (!is_internal()) return area.base + relative_path;
  std::string name = head.name;
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name + "/" + relative_path;
}

StatementResult<OpenedStage> OpenStage(const Snapshot& snapshot, const Caller& caller,
                                       const std::string& location, StageUse use,
                                       std::string_view stages_location) {
  if (location.starts_with('~')) return UnsupportedFeature("stages of users");
  if (location.contains('%')) return UnsupportedFeature("stages of tables");
  const size_t end = EndOfName(location);
  const auto name = ParseObjectName(location.substr(0, end));
  if (!name) return DoesNotExist(ObjectKind::kStage, location.substr(0, end));
  return OpenStage(snapshot, caller, *name, end < location.size() ? location.substr(end + 1) : "",
                   use, stages_location);
}

StatementResult<OpenedStage> OpenStage(const Snapshot& snapshot, const Caller& caller,
                                       const ObjectName& name, std::string path, StageUse use,
                                       std::string_view stages_location) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  OpenedStage stage;
  STATEMENT_ASSIGN(stage.head,
                   Resolve(snapshot, caller, authority, ObjectKind::kStage, name, "LIST"));
  STATEMENT_ASSIGN(const auto definition, snapshot.Find<Stage>(stage.head.id));
  if (!definition) return DoesNotExist(ObjectKind::kStage, name.Written());
  stage.definition = *definition;
  STATEMENT_TRY(Require(authority, stage.head, *definition, use));
  STATEMENT_ASSIGN(const auto schema, snapshot.FindHead(stage.head.container));
  if (!schema) return DoesNotExist(ObjectKind::kStage, name.Written());
  STATEMENT_ASSIGN(const auto database, snapshot.FindHead(schema->container));
  if (!database) return DoesNotExist(ObjectKind::kStage, name.Written());
  stage.schema = schema->name;
  stage.database = database->name;
  STATEMENT_ASSIGN(stage.area, AreaOf(snapshot, stage.head.id, *definition, stages_location));
  stage.path = std::move(path);
  STATEMENT_TRY(stage.area.FindPrefix(stage.path));
  return stage;
}

StatementResult<std::vector<StageFile>> ListFiles(storage::Storage& storage,
                                                  const StorageArea& area,
                                                  std::string_view prefix) {
  STATEMENT_ASSIGN(const std::string start, area.FindPrefix(prefix));
  std::vector<StageFile> files;
  STATEMENT_TRY(storage.List(start, [&](const storage::ObjectInfo& object) -> Result<> {
    if (!area.Holds(object.location)) return {};
    files.push_back({.path = object.location.substr(area.base.size()),
                     .size = object.size_bytes,
                     .modified_ms = object.modified_ms});
    return {};
  }));
  SpreadTies(files);
  std::ranges::sort(files, {}, &StageFile::path);
  return files;
}

StatementResult<std::vector<StageFile>> Matching(engine::Engine& engine,
                                                 std::vector<StageFile> files,
                                                 const std::string& pattern) {
  std::vector<std::vector<Value>> rows;
  for (const StageFile& file : files) rows.push_back({file.path});
  MadeRows names = MakeRows({{"PATH", {.kind = sql::DataTypeKind::kVarchar}}}, rows);
  const Type boolean = Type::Primitive(TypeKind::kBoolean);
  engine::QueryRequest request{
      .text = "SELECT regexp_full_match(c0, $1) FROM tarn_table(0) ORDER BY r",
      .tables = {},
      .parameters = {{Type::Primitive(TypeKind::kString), pattern}},
      .carriers = {boolean}};
  engine::QueryTable& table = request.tables.emplace_back();
  table.pending = std::move(names.rows);
  table.columns.push_back({.field = names.columns[0].field, .default_value = {}});
  const auto failed = [&](engine::QueryFailure failure) {
    StatementError error = FromQuery(std::move(failure));
    if (error.code.empty() && error.error.kind == ErrorKind::kInvalidArgument) {
      error.code = "100048";
      error.sqlstate = "2201B";
    }
    return std::unexpected(std::move(error));
  };
  auto stream = engine.OpenQuery(std::move(request));
  if (!stream) return failed(std::move(stream).error());
  std::vector<StageFile> matching;
  std::vector<uint8_t> bytes;
  size_t next = 0;
  while (true) {
    if (auto read = (*stream)->Next(bytes); !read) return failed(std::move(read).error());
    if (bytes.empty()) return matching;
    STATEMENT_ASSIGN(const BatchView batch, DecodeBatch(bytes, {&boolean, 1}));
    for (int64_t row = 0; row < batch.rows; ++row, ++next) {
      const ColumnView& column = batch.columns[0];
      const bool set = (column.values[row >> 3] >> (row & 7) & 1) != 0;
      if (set && !column.is_null(row)) matching.push_back(std::move(files.at(next)));
    }
  }
}

std::string EntityTag(const StageFile& file) {
  return fmt::format("{:x}-{:x}", file.modified_ms, file.size);
}

std::string HttpDate(int64_t ms) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  namespace chrono = std::chrono;
  const chrono::sys_time<chrono::milliseconds> time{chrono::milliseconds(ms)};
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(chrono::floor<chrono::seconds>(time - day));
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} GMT", kDays[chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace tarn::warehouse
