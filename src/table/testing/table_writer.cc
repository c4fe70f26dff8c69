// SPDX-License-Identifier: Apache-2.0
// For tests: a process that changes a table beside others of its kind.
//   tarn_table_writer init ROOT FORMAT_VERSION     (ROOT: an absolute path)
//   tarn_table_writer write ROOT LEDGER NUMBER OPERATIONS [FAULT_PLAN]
//   tarn_table_writer maintain ROOT LEDGER NUMBER OPERATIONS [FAULT_PLAN]
//   tarn_table_writer read ROOT NUMBER OPERATIONS
//   tarn_table_writer settle ROOT NUMBER
//   tarn_table_writer check ROOT LEDGER...
// A ledger has a line before each commit (`I snapshot kind +row -row …`) and one for its outcome
// (`O snapshot ok|failed|unknown`). Where that is missing, the table's history tells, all metadata
// files of which are kept. `maintain` rewrites, merges, expires and collects, with a line `M` for
// each of these; `read` pins snapshots and reads them again and again; `settle` ends what a dead
// process left. `check` compares the rows that ledgers and history give with those of the table.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "base/logging.h"
#include "iceberg/fsck/fsck.h"
#include "table/maintenance/maintenance_commit.h"
#include "table/testing/plain_table.h"
#include "table/testing/table_process.h"

namespace tarn::table {
namespace {

constexpr int64_t kRowsPerThread = 1'000'000;
constexpr int kThreads = 2;
constexpr int64_t kCheckNumber = 1'000'000;

/// Thread-safe.
class Ledger {
 public:
  explicit Ledger(const std::string& path) : out_(path, std::ios::app) {}
  void Intend(const PlainChange& change) {
    std::ostringstream line;
    line << "I " << change.change.snapshot_id.value() << ' ' << change.kind;
    for (const int64_t row : change.added) line << " +" << row;
    for (const int64_t row : change.removed) line << " -" << row;
    Write(line.str());
  }
  void Note(const std::string& line) { Write(line); }
  void Ended(const PlainChange& change, const std::string& outcome) {
    Write(fmt::format("O {} {}", change.change.snapshot_id.value(), outcome));
  }

 private:
  void Write(const std::string& line) {
    const std::lock_guard lock(mutex_);
    out_ << line << "\n" << std::flush;  // with the kernel before the next step
  }
  std::mutex mutex_;
  std::ofstream out_;
};

bool HasDoubles(std::vector<int64_t> rows) {
  std::ranges::sort(rows);
  return std::ranges::adjacent_find(rows) != rows.end();
}

/// One thread of operations.
class Hand {
 public:
  Hand(TableProcess& process, Ledger& ledger, int64_t number)
      : process_(process),
        ledger_(ledger),
        table_(process.context, *process.catalog, TableProcess::kTable),
        random_(static_cast<uint32_t>(number * 7919 + 1)),
        next_row_(number * kRowsPerThread) {}

  void Write() {
    Commit([this](const Uuid& writer) { return Choose(writer); });
  }

  void Maintain() {
    // Under faults any of it may fail.
    const uint32_t dice = random_() % 8;
    if (dice < 4) {
      Commit([this](const Uuid& writer) { return table_.Rewrite(writer, random_); });
    } else if (dice < 5) {
      ledger_.Note("M manifests");
      (void)RewriteManifests(process_.target, {});
    } else if (dice < 7) {
      ledger_.Note("M expire");
      (void)ExpireSnapshots(
          process_.target,
          {.older_than_ms = NowMs(), .retain_last = 1 + static_cast<int32_t>(random_() % 4)}, {});
    } else {
      ledger_.Note("M collect");
      (void)CollectLeftovers(process_.target, 0, {});
    }
  }

 private:
  std::vector<int64_t> NewRows() {
    std::vector<int64_t> rows(1 + random_() % 5);
    for (int64_t& row : rows) row = next_row_++;
    return rows;
  }

  using Choice = std::function<Result<std::optional<PlainChange>>(const Uuid&)>;

  void Commit(const Choice& choose) {
    // Under faults any step may fail; the next operation starts anew. So may a read without a pin
    // while others expire.
    if (!table_.Refresh()) return;
    if (HasDoubles(table_.LiveRows())) Die("a reader saw a row twice");
    auto writer = MaintenanceWriter::Begin(process_.target, table_.loaded());
    if (!writer) return;
    const auto change = choose(writer->writer().id);
    if (!change || !*change) return writer->Abandon();
    ledger_.Intend(**change);
    const CommitOptions options{
        .retry = {.retries = 12, .min_wait_ms = 2, .max_wait_ms = 50},
        .status_check = {.retries = 4, .min_wait_ms = 2, .max_wait_ms = 20}};
    const auto committed = writer->Commit((*change)->change, {}, options);
    const bool unknown = !committed && committed.error().kind == ErrorKind::kCommitStateUnknown;
    ledger_.Ended(**change, committed ? "ok" : unknown ? "unknown" : "failed");
  }

  Result<std::optional<PlainChange>> Choose(const Uuid& writer) {
    const uint32_t dice = random_() % 10;
    if (dice < 5) {
      TARN_ASSIGN(PlainChange change, table_.Append(writer, NewRows()));
      return std::optional(std::move(change));
    }
    if (dice < 7) return table_.Delete(writer, random_, {});
    if (dice < 9) return table_.Delete(writer, random_, NewRows());
    return table_.Rewrite(writer, random_);
  }

  TableProcess& process_;
  Ledger& ledger_;
  PlainTable table_;
  std::minstd_rand random_;
  int64_t next_row_;
};

int Init(const std::string& root, int32_t version) {
  TableProcess process(root, kCheckNumber, "");
  const iceberg::Schema schema{
      .fields = {{.id = FieldId(1), .name = "id", .type = Type::Primitive(TypeKind::kLong)}}};
  auto first = Must(iceberg::NewTableMetadata(Uuid::Random(), process.location + "/t", schema, {},
                                              {}, 1'700'000'000'000));
  first.format_version = version;
  if (version >= 3) first.next_row_id = 0;
  Must(process.catalog->CreateTable(TableProcess::kTable, std::move(first)));
  return 0;
}

int Work(const std::string& root, const std::string& ledger_path, int64_t number, int operations,
         const std::string& faults, void (Hand::*operate)()) {
  TableProcess process(root, number, faults);
  Ledger ledger(ledger_path);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      Hand hand(process, ledger, number * kThreads + thread);
      for (int i = 0; i < operations; ++i) (hand.*operate)();
    });
  }
  for (std::thread& thread : threads) thread.join();
  return 0;
}

/// While its pin stands, a snapshot reads the same, whatever expires and is collected meanwhile.
int Read(const std::string& root, int64_t number, int operations) {
  int64_t read = 0;
  for (int i = 0; i < operations; ++i) {
    TableProcess process(root, number, "");  // with empty caches
    PlainTable table(process.context, *process.catalog, TableProcess::kTable);
    const iceberg::LoadedTable newest = Must(process.catalog->LoadTable(TableProcess::kTable));
    if (!newest.metadata->current_snapshot_id) continue;
    const std::string name = "reader-" + std::to_string(number);
    const auto pinned =
        PutPin(*process.storage, newest.metadata->location,
               {.name = name,
                .snapshot_id = *newest.metadata->current_snapshot_id,
                .metadata_location = newest.metadata_location},
               [&]() -> Result<std::string> {
                 TARN_ASSIGN(const iceberg::LoadedTable table, LoadNewest(process.target));
                 return table.metadata_location;
               });
    if (!pinned && pinned.error().kind == ErrorKind::kNotFound) continue;  // it was too late
    Must(pinned);
    Must(table.Open(newest));
    const std::vector<int64_t> rows = table.LiveRows();
    if (HasDoubles(rows)) Die("a reader saw a row twice");
    for (int again = 0; again < 5; ++again) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      iceberg::ManifestCache empty(process.storage.get(), size_t{1} << 20);
      TableContext context = process.context;
      context.manifests = &empty;
      PlainTable same(context, *process.catalog, TableProcess::kTable);
      Must(same.Open(newest));
      if (same.LiveRows() != rows) Die("a pinned snapshot changed");
    }
    Must(RemovePin(*process.storage, newest.metadata->location, name));
    ++read;
  }
  std::cout << read << "\n";
  return 0;
}

int Settle(const std::string& root, int64_t number) {
  TableProcess process(root, number, "");
  Must(CollectLeftovers(process.target, 0, {}));
  std::cout << process.journal->Entries().size() + process.journal->Garbage().size() << "\n";
  return 0;
}

/// All snapshots that ever were: each metadata file names those before it.
std::set<int64_t> EverCommitted(TableProcess& process, const iceberg::LoadedTable& newest) {
  std::set<int64_t> snapshots;
  const auto note = [&](const iceberg::TableMetadata& metadata) {
    for (const auto& snapshot : metadata.snapshots) snapshots.insert(snapshot->id.value());
  };
  note(*newest.metadata);
  for (const iceberg::MetadataLogEntry& entry : newest.metadata->metadata_log) {
    note(*Must(iceberg::LoadTable(*process.storage, entry.metadata_file)).metadata);
  }
  return snapshots;
}

/// Files of the table that nothing in it reaches.
int64_t CountUnreached(TableProcess& process, const iceberg::LoadedTable& newest) {
  std::set<std::string> reachable;
  Must(iceberg::VisitReachableFiles(MakeCommitContext(process.context, Uuid()), newest,
                                    [&](const std::string& file) { reachable.insert(file); }));
  int64_t unreached = 0;
  Must(process.storage->List(newest.metadata->location + "/", [&](const auto& object) -> Result<> {
    if (!reachable.contains(object.location)) {
      ++unreached;
      std::cerr << "unreached: " << object.location << "\n";
    }
    return {};
  }));
  return unreached;
}

struct Intention {
  std::vector<int64_t> added, removed;
  std::string outcome = "unknown";
};

void ReadLedger(const std::string& path, std::map<int64_t, Intention>& intentions) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string tag, kind;
    int64_t snapshot = 0;
    words >> tag >> snapshot >> kind;
    if (tag == "M") continue;
    Intention& intention = intentions[snapshot];
    if (tag == "O") intention.outcome = kind;
    for (std::string row; tag == "I" && words >> row;) {
      (row[0] == '+' ? intention.added : intention.removed).push_back(std::stoll(row.substr(1)));
    }
  }
}

int Check(const std::string& root, std::span<char*> ledgers) {
  std::map<int64_t, Intention> intentions;
  for (const char* ledger : ledgers) ReadLedger(ledger, intentions);
  TableProcess process(root, kCheckNumber, "");
  PlainTable table(process.context, *process.catalog, TableProcess::kTable);
  Must(table.Refresh());
  const std::set<int64_t> committed = EverCommitted(process, table.loaded());

  std::multiset<int64_t> expected;
  std::map<std::string, int> outcomes;
  for (const auto& [snapshot, intention] : intentions) {
    const bool happened = committed.contains(snapshot);
    ++outcomes[intention.outcome];
    if (intention.outcome != "unknown" && happened != (intention.outcome == "ok")) {
      Die(fmt::format("snapshot {} is told {}, the history says {}", snapshot, intention.outcome,
                      happened));
    }
    if (happened) expected.insert(intention.added.begin(), intention.added.end());
  }
  for (const auto& [snapshot, intention] : intentions) {
    if (!committed.contains(snapshot)) continue;
    for (const int64_t row : intention.removed) {
      if (expected.erase(row) != 1) Die(fmt::format("row {} was deleted twice", row));
    }
  }
  const std::vector<int64_t> rows = table.LiveRows();
  const std::multiset<int64_t> actual(rows.begin(), rows.end());
  if (actual != expected) {
    Die(fmt::format("the table has {} rows, ledgers and history give {}", actual.size(),
                    expected.size()));
  }
  const auto report = Must(iceberg::Fsck(*process.storage, nullptr,
                                         table.loaded().metadata_location, {.read_data = false}));
  for (const iceberg::Finding& finding : report.findings) {
    if (finding.severity == iceberg::Severity::kError) {
      Die(finding.code + " " + finding.location + ": " + finding.message);
    }
  }
  std::cout << fmt::format(R"({{"rows": {}, "snapshots": {}, "ok": {}, "failed": {}, )"
                           R"("unknown": {}, "unreached": {}, "metadata": "{}"}})",
                           actual.size(), table.loaded().metadata->snapshots.size(), outcomes["ok"],
                           outcomes["failed"], outcomes["unknown"],
                           CountUnreached(process, table.loaded()),
                           table.loaded().metadata_location)
            << "\n";
  return 0;
}

int Main(std::span<char*> words) {
  Must(StartLogging("tarn_table_writer", "warn"));
  const std::string what = words.size() > 2 ? words[1] : "";
  if (what == "init" && words.size() == 4) return Init(words[2], std::stoi(words[3]));
  const bool writes = what == "write" || what == "maintain";
  if (writes && words.size() >= 6) {
    return Work(words[2], words[3], std::stoll(words[4]), std::stoi(words[5]),
                words.size() > 6 ? words[6] : "", what == "write" ? &Hand::Write : &Hand::Maintain);
  }
  if (what == "read" && words.size() == 5) {
    return Read(words[2], std::stoll(words[3]), std::stoi(words[4]));
  }
  if (what == "settle" && words.size() == 4) return Settle(words[2], std::stoll(words[3]));
  if (what == "check") return Check(words[2], words.subspan(3));
  Die("usage: see the head of table_writer.cc");
}

}  // namespace
}  // namespace tarn::table

int main(int count, char** words) { return tarn::table::Main({words, static_cast<size_t>(count)}); }
