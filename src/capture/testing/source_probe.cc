// SPDX-License-Identifier: Apache-2.0
// For tests: the source's side of capture from outside, as JSON lines.
//   tarn_source_probe describe URL PUBLICATION SCHEMA TABLE
//   tarn_source_probe snapshot URL PUBLICATION SCHEMA TABLE WORKERS [count]
//     Rows under a new slot's snapshot, range by range; `count`: only how many, and how fast.
//   tarn_source_probe stream URL PUBLICATION SLOT text|binary QUEUE_BYTES
//     What the slot sends. Its input are lines: "acknowledge LSN", "pause MILLISECONDS", "stop".
//   tarn_source_probe drain URL PUBLICATION SLOT text|binary LSN
//     How many messages come up to there, and how fast they are decoded.
//   tarn_source_probe ready URL
// An error is the last line: {"error": kind, "message": …, "detail": …, "hint": …}.
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "capture/source/pgoutput.h"
#include "capture/source/replication_stream.h"
#include "capture/source/slot.h"
#include "capture/source/snapshot_copy.h"
#include "capture/source/table_catalog.h"
#include "capture/testing/shown_value.h"
#include "capture/values/value_decoder.h"

namespace tarn::capture {
namespace {

using Json = nlohmann::json;
using Arguments = std::vector<std::string>;

void Print(const Json& line) { std::cout << line.dump() << "\n"; }

struct CapturedTable {
  SourceTable source;
  std::vector<TargetType> targets;
  std::vector<std::unique_ptr<ValueDecoder>> decoders;

  std::vector<Type> types() const {
    std::vector<Type> types;
    for (const TargetType& target : targets) types.push_back(StoredType(target));
    return types;
  }
};

Result<CapturedTable> Describe(SourceConnection& connection, const std::string& publication,
                               const SourceName& name) {
  CapturedTable table;
  TARN_ASSIGN(table.source, DescribeTable(connection, publication, name));
  for (const SourceColumn& column : table.source.columns) {
    TARN_ASSIGN(table.targets.emplace_back(), ConnectorTypeOf(column.type));
    TARN_ASSIGN(table.decoders.emplace_back(), MakeValueDecoder(column.type, table.targets.back()));
  }
  return table;
}

Result<> RunDescribe(const Arguments& arguments) {
  TARN_ASSIGN(const ConnectionSettings settings, ParsePostgresUrl(arguments[1]));
  TARN_ASSIGN(auto connection, SourceConnection::Open(settings));
  TARN_ASSIGN(const CapturedTable table,
              Describe(*connection, arguments[2], {arguments[3], arguments[4]}));
  const SourceTable& source = table.source;
  Json columns = Json::array();
  for (size_t i = 0; i < source.columns.size(); ++i) {
    const SourceColumn& column = source.columns[i];
    columns.push_back({{"number", column.attribute_number},
                       {"name", column.name},
                       {"type", column.type.name},
                       {"oid", column.type.oid.value()},
                       {"modifier", column.type.modifier},
                       {"class", std::string(1, static_cast<char>(column.type.type_class))},
                       {"array", column.type.is_array},
                       {"not_null", column.not_null},
                       {"generated", column.generated},
                       {"target", ToString(table.targets[i])},
                       {"binary", table.decoders[i]->takes_binary()}});
  }
  TARN_ASSIGN(const SystemIdentity system, IdentifySystem(*connection));
  Print({{"oid", source.oid.value()},
         {"identity", std::string(1, static_cast<char>(source.replica_identity))},
         {"partitioned", source.partitioned},
         {"columns", columns},
         {"primary_key", source.primary_key},
         {"identity_columns", source.identity},
         {"row_filter", source.row_filter ? Json(*source.row_filter) : Json()},
         {"estimated_rows", source.estimated_rows},
         {"filenode", source.filenode},
         {"system", system.system_identifier},
         {"timeline", system.timeline}});
  return {};
}

double ProcessorSeconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

void PrintRows(const CapturedTable& table, size_t range, const BatchView& batch) {
  for (int64_t row = 0; row < batch.rows; ++row) {
    Json values = Json::object();
    for (size_t i = 0; i < table.targets.size(); ++i) {
      values[table.source.columns[i].name] = ShownValue(table.targets[i], batch.columns[i], row);
    }
    Print({{"range", range}, {"row", values}});
  }
}

Result<> RunSnapshot(const Arguments& arguments) {
  constexpr int64_t kBatchRows = 10'000;
  TARN_ASSIGN(const ConnectionSettings settings, ParsePostgresUrl(arguments[1]));
  TARN_ASSIGN(const auto slot,
              NewSlot::Create(settings, fmt::format("probe_{}", getpid()), /*temporary=*/true));
  TARN_ASSIGN(auto reader, SnapshotReader::Open(settings, slot->snapshot()));
  TARN_ASSIGN(const CapturedTable table,
              Describe(reader->connection(), arguments[2], {arguments[3], arguments[4]}));
  TARN_ASSIGN(const auto ranges,
              PlanCopy(reader->connection(), table.source, std::atoi(arguments[5].c_str())));
  const bool only_count = arguments.size() > 6;
  std::vector<const ValueDecoder*> decoders;
  for (const auto& decoder : table.decoders) decoders.push_back(decoder.get());
  int64_t rows = 0;
  const auto began = std::chrono::steady_clock::now();
  for (size_t i = 0; i < ranges.size(); ++i) {
    TARN_TRY(reader->Copy(table.source, ranges[i], decoders, table.types(), kBatchRows,
                          [&](const BatchView& batch) -> Result<> {
                            rows += batch.rows;
                            if (!only_count) PrintRows(table, i, batch);
                            return {};
                          }));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  Print({{"ranges", ranges.size()},
         {"rows", rows},
         {"consistent_point", ToString(slot->consistent_point())},
         {"seconds", took.count()},
         {"processor_seconds", ProcessorSeconds()}});
  return {};
}

/// Prints messages, with values decoded by what the catalogue says of the table now.
class MessagePrinter {
 public:
  MessagePrinter(SourceConnection& connection, std::string publication)
      : connection_(connection), publication_(std::move(publication)) {}

  Result<> Take(const StreamItem& item) {
    const std::string at = ToString(item.wal_start);
    if (item.payload.empty()) {
      Print({{"kind", "keepalive"}, {"end", ToString(item.wal_end)}});
      return {};
    }
    TARN_ASSIGN(const pgoutput::Message message,
                decoder_.Decode({item.payload.data(), item.payload.size()}));
    return std::visit([&](const auto& body) { return Show(at, body); }, message.body);
  }

 private:
  struct Relation {
    std::string name;
    /// By column of the message: which of the table's it is; absent: none.
    std::vector<std::optional<size_t>> positions;
    std::vector<std::string> columns;
    CapturedTable table;
  };

  Result<Json> Row(const Relation& relation, const pgoutput::Tuple& tuple) {
    Json row = Json::object();
    for (size_t i = 0; i < tuple.size(); ++i) {
      const pgoutput::TupleValue& value = tuple[i];
      Json& shown = row[relation.columns[i]];
      if (value.format == pgoutput::ValueFormat::kUnchanged) {
        shown = {{"unchanged", true}};
      } else if (value.format != pgoutput::ValueFormat::kNull && relation.positions[i]) {
        TARN_ASSIGN(shown, Value(relation.table, *relation.positions[i], value));
      }
    }
    return row;
  }
  static Result<Json> Value(const CapturedTable& table, size_t position,
                            const pgoutput::TupleValue& value) {
    const TargetType& target = table.targets[position];
    ColumnBuilder column(StoredType(target));
    const ValueDecoder& decoder = *table.decoders[position];
    TARN_TRY(value.format == pgoutput::ValueFormat::kBinary
                 ? decoder.AppendBinary(value.bytes, column)
                 : decoder.AppendText(value.bytes, column));
    return ShownValue(target, column.View(), 0);
  }

  Result<> Show(const std::string&, const pgoutput::Relation& body) {
    Relation& relation = relations_[body.oid];
    relation = {};
    relation.name = fmt::format("{}.{}", body.schema, body.name);
    auto table =
        Describe(connection_, publication_, {std::string(body.schema), std::string(body.name)});
    // Partitions are described, too, where their changes come as those of the partitioned table.
    if (table) {
      relation.table = std::move(*table);
    } else if (table.error().kind != ErrorKind::kInvalidArgument) {
      return std::unexpected(std::move(table).error());
    }
    Json keys = Json::array();
    for (const pgoutput::RelationColumn& column : body.columns) {
      const auto& known = relation.table.source.columns;
      const auto found = std::ranges::find(known, column.name, &SourceColumn::name);
      relation.columns.emplace_back(column.name);
      if (column.in_key) keys.push_back(std::string(column.name));
      relation.positions.push_back(found == known.end()
                                       ? std::nullopt
                                       : std::optional(static_cast<size_t>(found - known.begin())));
    }
    Print({{"kind", "relation"},
           {"table", relation.name},
           {"columns", relation.columns},
           {"key", keys}});
    return {};
  }
  Result<> Show(const std::string& at, const pgoutput::Insert& body) {
    const Relation& relation = relations_[body.relation];
    TARN_ASSIGN(const Json row, Row(relation, body.row));
    Print({{"kind", "insert"}, {"at", at}, {"table", relation.name}, {"row", row}});
    return {};
  }
  Result<> Show(const std::string& at, const pgoutput::Update& body) {
    const Relation& relation = relations_[body.relation];
    TARN_ASSIGN(const Json row, Row(relation, body.row));
    Json line = {{"kind", "update"}, {"at", at}, {"table", relation.name}, {"row", row}};
    if (body.old_row) {
      TARN_ASSIGN(line[body.old_is_key ? "old_key" : "old_row"], Row(relation, *body.old_row));
    }
    Print(line);
    return {};
  }
  Result<> Show(const std::string& at, const pgoutput::Delete& body) {
    const Relation& relation = relations_[body.relation];
    Json line = {{"kind", "delete"}, {"at", at}, {"table", relation.name}};
    TARN_ASSIGN(line[body.old_is_key ? "old_key" : "old_row"], Row(relation, body.old_row));
    Print(line);
    return {};
  }
  Result<> Show(const std::string& at, const pgoutput::Truncate& body) {
    Json tables = Json::array();
    for (const RelationOid oid : body.relations) tables.push_back(relations_[oid].name);
    Print({{"kind", "truncate"},
           {"at", at},
           {"tables", tables},
           {"cascade", body.cascade},
           {"restart", body.restart_identity}});
    return {};
  }
  Result<> Show(const std::string&, const pgoutput::Begin& body) {
    Print({{"kind", "begin"}, {"commit", ToString(body.commit_lsn)}, {"time", body.time.value()}});
    return {};
  }
  Result<> Show(const std::string&, const pgoutput::Commit& body) {
    Print({{"kind", "commit"},
           {"commit", ToString(body.commit_lsn)},
           {"end", ToString(body.end_lsn)}});
    return {};
  }
  Result<> Show(const std::string&, const pgoutput::TypeName& body) {
    Print({{"kind", "type"}, {"name", fmt::format("{}.{}", body.schema, body.name)}});
    return {};
  }
  Result<> Show(const std::string& at, const pgoutput::LogicalMessage& body) {
    Print({{"kind", "message"},
           {"at", at},
           {"transactional", body.transactional},
           {"prefix", body.prefix},
           {"content", body.content}});
    return {};
  }
  Result<> Show(const std::string&, const pgoutput::Origin& body) {
    Print({{"kind", "origin"}, {"name", body.name}});
    return {};
  }
  template <typename Other>
  Result<> Show(const std::string&, const Other&) {
    return Fail(ErrorKind::kInternal, "a message of a streamed transaction");
  }

  SourceConnection& connection_;
  const std::string publication_;
  pgoutput::Decoder decoder_;
  std::map<RelationOid, Relation> relations_;
};

/// Lines of the input, without waiting for them.
class Commands {
 public:
  std::optional<std::string> Next() {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    while (rest_.find('\n') == std::string::npos) {
      if (poll(&input, 1, 0) <= 0) return std::nullopt;
      char buffer[256];
      const ssize_t bytes = read(STDIN_FILENO, buffer, sizeof(buffer));
      if (bytes <= 0) return "stop";
      rest_.append(buffer, static_cast<size_t>(bytes));
    }
    const size_t end = rest_.find('\n');
    std::string line = rest_.substr(0, end);
    rest_.erase(0, end + 1);
    return line;
  }

 private:
  std::string rest_;
};

Result<> RunStream(const Arguments& arguments) {
  using std::chrono::milliseconds;
  TARN_ASSIGN(const ConnectionSettings settings, ParsePostgresUrl(arguments[1]));
  TARN_ASSIGN(auto connection, SourceConnection::Open(settings));
  StreamOptions options;
  options.publication = arguments[2];
  options.slot = arguments[3];
  options.binary = arguments[4] == "binary";
  options.queue_bytes = std::atoll(arguments[5].c_str());
  options.status_interval = milliseconds(200);
  TARN_ASSIGN(auto stream, ReplicationStream::Start(settings, options));
  Print({{"kind", "started"}});
  std::cout.flush();
  MessagePrinter printer(*connection, options.publication);
  Commands commands;
  while (true) {
    while (const auto command = commands.Next()) {
      const size_t blank = std::min(command->find(' '), command->size() - 1);
      const std::string argument = command->substr(blank + 1);
      if (*command == "stop") {
        stream->Stop();
        const auto after = stream->Next(milliseconds(0));
        Print({{"kind", "stopped"}, {"as", after ? "" : ToString(after.error().kind)}});
        return {};
      }
      if (command->starts_with("acknowledge ")) stream->Acknowledge(*ParseLsn(argument));
      if (command->starts_with("pause ")) {
        std::this_thread::sleep_for(milliseconds(std::atoi(argument.c_str())));
      }
    }
    TARN_ASSIGN(const auto item, stream->Next(milliseconds(20)));
    if (item) {
      TARN_TRY(printer.Take(*item));
    } else {
      std::cout.flush();
    }
  }
}

Result<> RunDrain(const Arguments& arguments) {
  TARN_ASSIGN(const ConnectionSettings settings, ParsePostgresUrl(arguments[1]));
  StreamOptions options;
  options.publication = arguments[2];
  options.slot = arguments[3];
  options.binary = arguments[4] == "binary";
  const Lsn last = ParseLsn(arguments[5]).value_or(Lsn());
  TARN_ASSIGN(auto stream, ReplicationStream::Start(settings, options));
  pgoutput::Decoder decoder;
  int64_t messages = 0, bytes = 0;
  const auto began = std::chrono::steady_clock::now();
  for (Lsn reached; reached < last;) {
    TARN_ASSIGN(const auto item, stream->Next(std::chrono::seconds(1)));
    if (!item) continue;
    reached = std::max(reached, item->wal_end);
    if (item->payload.empty()) continue;
    TARN_TRY(decoder.Decode({item->payload.data(), item->payload.size()}));
    ++messages;
    bytes += static_cast<int64_t>(item->payload.size());
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  Print({{"messages", messages},
         {"bytes", bytes},
         {"seconds", took.count()},
         {"processor_seconds", ProcessorSeconds()}});
  return {};
}

Result<> RunReady(const Arguments& arguments) {
  TARN_ASSIGN(const ConnectionSettings settings, ParsePostgresUrl(arguments[1]));
  TARN_ASSIGN(auto connection, SourceConnection::Open(settings));
  TARN_TRY(CheckReadiness(*connection));
  Print({{"ready", true}});
  return {};
}

Result<> Run(const Arguments& arguments) {
  if (arguments.size() == 5 && arguments[0] == "describe") return RunDescribe(arguments);
  if (arguments.size() >= 6 && arguments[0] == "snapshot") return RunSnapshot(arguments);
  if (arguments.size() == 6 && arguments[0] == "stream") return RunStream(arguments);
  if (arguments.size() == 6 && arguments[0] == "drain") return RunDrain(arguments);
  if (arguments.size() == 2 && arguments[0] == "ready") return RunReady(arguments);
  return Fail(ErrorKind::kInvalidArgument, "usage: see source_probe.cc");
}

}  // namespace
}  // namespace tarn::capture

int main(int argc, char** argv) {
  auto done = tarn::capture::Run({argv + 1, argv + argc});
  if (!done) {
    const tarn::Error& error = done.error();
    tarn::capture::Print({{"error", ToString(error.kind)},
                          {"message", error.message},
                          {"detail", error.detail},
                          {"hint", error.hint}});
  }
  std::cout.flush();
  return done ? 0 : 1;
}
