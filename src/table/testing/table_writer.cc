// SPDX-License-Identifier: Apache-2.0
// For tests: a process that changes a table beside others of its kind.
//   tarn_table_writer init ROOT FORMAT_VERSION     (ROOT: an absolute path)
//   tarn_table_writer write ROOT LEDGER NUMBER OPERATIONS [FAULT_PLAN]
//   tarn_table_writer check ROOT LEDGER...
// A ledger has a line before each commit (`I snapshot kind +row -row …`) and one for its outcome
// (`O snapshot ok|failed|unknown`). Where that is missing, the table's history tells. `check`
// compares the rows that ledgers and history give with those of the table.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "catalog/directory_catalog.h"
#include "iceberg/fsck/fsck.h"
#include "storage/faulty_storage.h"
#include "table/table_cache.h"
#include "table/testing/plain_table.h"

namespace tarn::table {
namespace {

constexpr int64_t kRowsPerThread = 1'000'000;
constexpr int kThreads = 2;
const catalog::TableName kTable{{}, "t"};

[[noreturn]] void Die(const std::string& what) {
  std::cerr << what << "\n";
  std::exit(1);
}

template <typename T>
T Must(Result<T> result) {
  if (!result) Die(result.error().message + " " + result.error().detail);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// What a process has to work with.
struct Process {
  Process(const std::string& root, const std::string& faults)
      : location("file://" + root + "/lake"),
        storage(Open(root, faults)),
        manifests(storage.get(), size_t{16} << 20),
        tables(storage.get(), 16),
        context{.storage = storage.get(), .manifests = &manifests, .tables = &tables} {
    // Nothing expires: the history is the truth that ledgers are compared with.
    context.policy.min_snapshots_to_keep = context.policy.max_snapshots_to_keep = 1'000'000;
    context.policy.manifest_min_count_to_merge = 8;
    catalog = catalog::OpenDirectoryCatalog(storage.get(), &manifests, location, context.policy);
  }

  static std::unique_ptr<storage::Storage> Open(const std::string& root,
                                                const std::string& faults) {
    auto local = Must(storage::OpenLocalStorage({.buckets_directory = root,
                                                 .allowed_prefixes = {"file://" + root + "/"},
                                                 .durable = false}));
    if (faults.empty()) return local;
    return storage::MakeFaultyStorage(std::move(local), Must(storage::ParseFaultPlan(faults)));
  }

  std::string location;
  std::unique_ptr<storage::Storage> storage;
  iceberg::ManifestCache manifests;
  TableCache tables;
  TableContext context;
  std::unique_ptr<catalog::Catalog> catalog;
};

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
  Hand(Process& process, Ledger& ledger, int64_t number)
      : process_(process),
        ledger_(ledger),
        table_(process.context, *process.catalog, kTable),
        random_(static_cast<uint32_t>(number * 7919 + 1)),
        next_row_(number * kRowsPerThread) {}

  void Operate() {
    // Under faults any step may fail; the next operation starts anew.
    if (!table_.Refresh()) return;
    if (HasDoubles(table_.LiveRows())) Die("a reader saw a row twice");
    const Writer writer{.id = Uuid::Random(), .issuer = "test"};
    const auto change = Choose(writer.id);
    if (!change || !*change) return;
    ledger_.Intend(**change);
    const CommitOptions options{
        .retry = {.retries = 12, .min_wait_ms = 2, .max_wait_ms = 50},
        .status_check = {.retries = 4, .min_wait_ms = 2, .max_wait_ms = 20}};
    const auto committed =
        CommitTables(process_.context, *process_.catalog, writer, {&(*change)->change, 1}, options);
    const bool unknown = !committed && committed.error().kind == ErrorKind::kCommitStateUnknown;
    ledger_.Ended(**change, committed ? "ok" : unknown ? "unknown" : "failed");
  }

 private:
  std::vector<int64_t> NewRows() {
    std::vector<int64_t> rows(1 + random_() % 5);
    for (int64_t& row : rows) row = next_row_++;
    return rows;
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

  Process& process_;
  Ledger& ledger_;
  PlainTable table_;
  std::minstd_rand random_;
  int64_t next_row_;
};

int Init(const std::string& root, int32_t version) {
  Process process(root, "");
  const iceberg::Schema schema{
      .fields = {{.id = FieldId(1), .name = "id", .type = Type::Primitive(TypeKind::kLong)}}};
  auto first = Must(iceberg::NewTableMetadata(Uuid::Random(), process.location + "/t", schema, {},
                                              {}, 1'700'000'000'000));
  first.format_version = version;
  if (version >= 3) first.next_row_id = 0;
  Must(process.catalog->CreateTable(kTable, std::move(first)));
  return 0;
}

int Write(const std::string& root, const std::string& ledger_path, int64_t number, int operations,
          const std::string& faults) {
  Process process(root, faults);
  Ledger ledger(ledger_path);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      Hand hand(process, ledger, number * kThreads + thread);
      for (int i = 0; i < operations; ++i) hand.Operate();
    });
  }
  for (std::thread& thread : threads) thread.join();
  return 0;
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
  Process process(root, "");
  PlainTable table(process.context, *process.catalog, kTable);
  Must(table.Refresh());
  const iceberg::TableMetadata& metadata = *table.loaded().metadata;

  std::multiset<int64_t> expected;
  std::map<std::string, int> outcomes;
  for (const auto& [snapshot, intention] : intentions) {
    const bool happened = metadata.FindSnapshot(iceberg::SnapshotId(snapshot)) != nullptr;
    ++outcomes[intention.outcome];
    if (intention.outcome != "unknown" && happened != (intention.outcome == "ok")) {
      Die(fmt::format("snapshot {} is told {}, the history says {}", snapshot, intention.outcome,
                      happened));
    }
    if (happened) expected.insert(intention.added.begin(), intention.added.end());
  }
  for (const auto& [snapshot, intention] : intentions) {
    if (metadata.FindSnapshot(iceberg::SnapshotId(snapshot)) == nullptr) continue;
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
                           R"("unknown": {}, "metadata": "{}"}})",
                           actual.size(), metadata.snapshots.size(), outcomes["ok"],
                           outcomes["failed"], outcomes["unknown"],
                           table.loaded().metadata_location)
            << "\n";
  return 0;
}

int Main(std::span<char*> words) {
  const std::string what = words.size() > 2 ? words[1] : "";
  if (what == "init" && words.size() == 4) return Init(words[2], std::stoi(words[3]));
  if (what == "write" && words.size() >= 6) {
    return Write(words[2], words[3], std::stoll(words[4]), std::stoi(words[5]),
                 words.size() > 6 ? words[6] : "");
  }
  if (what == "check") return Check(words[2], words.subspan(3));
  Die("usage: see the head of table_writer.cc");
}

}  // namespace
}  // namespace tarn::table

int main(int count, char** words) { return tarn::table::Main({words, static_cast<size_t>(count)}); }
