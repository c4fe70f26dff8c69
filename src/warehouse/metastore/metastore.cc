// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/metastore.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "warehouse/metastore/new_account.h"
#include "warehouse/metastore/schema.h"

namespace tarn::warehouse {
namespace {

constexpr size_t kIdleConnectionsMax = 16;
constexpr std::string_view kSelectVersions = "SELECT version, role_version FROM metastore";

Result<int> LockFile(const std::string& path) {
  const std::string name = path + ".lock";
  const int file = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Fail(ErrorKind::kUnavailable, "could not open \"{}\"", name);
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  close(file);
  return Fail(ErrorKind::kUnavailable, "metastore \"{}\" is open in another process", path);
}

StatementFailure Wrapped(Error error) {
  return std::unexpected(AsStatementError(std::move(error)));
}

}  // namespace

ReadSnapshot::ReadSnapshot(Metastore* metastore, std::unique_ptr<Connection> connection,
                           int64_t version, int64_t role_version, int64_t registered,
                           int64_t now_ms)
    : Snapshot(connection.get(), version, now_ms),
      metastore_(metastore),
      owned_(std::move(connection)),
      role_version_(role_version),
      registered_(registered) {}

ReadSnapshot::~ReadSnapshot() { metastore_->GiveBack(std::move(owned_), registered_); }

Result<std::shared_ptr<const RoleGraph>> ReadSnapshot::Roles() const {
  return metastore_->RolesAt(*connection_, role_version_);
}

std::shared_ptr<const void> ReadSnapshot::HoldFiles() const {
  {
    const std::lock_guard lock(metastore_->mutex_);
    metastore_->reads_.insert(registered_);
  }
  const auto release = [metastore = metastore_, registered = registered_](const int64_t* held) {
    delete held;
    const std::lock_guard lock(metastore->mutex_);
    metastore->reads_.erase(metastore->reads_.find(registered));
  };
  return std::shared_ptr<const int64_t>(new int64_t(registered_), release);
}

Result<std::unique_ptr<Metastore>> Metastore::Open(const Options& options) {
  TARN_ASSIGN(const int lock_file, LockFile(options.path));
  std::unique_ptr<Metastore> metastore(new Metastore(options, lock_file));
  TARN_ASSIGN(metastore->writer_, Connection::Open(options.path, Access::kWrite));
  TARN_TRY(Migrate(*metastore->writer_));
  TARN_ASSIGN(auto version, SelectOne<int64_t>(*metastore->writer_, kSelectVersions));
  if (!version) {
    TARN_TRY(metastore->writer_->Script("BEGIN IMMEDIATE"));
    Transaction transaction(metastore->writer_.get(), 0, options.clock->NowMs());
    Result<> made = MakeAccount(transaction);
    TARN_TRY(metastore->writer_->Script(made ? "COMMIT" : "ROLLBACK"));
    TARN_TRY(made);
    version = 1;
  }
  metastore->version_ = *version;
  return metastore;
}

Metastore::~Metastore() {
  idle_.clear();
  writer_.reset();
  close(lock_file_);
}

Result<std::unique_ptr<ReadSnapshot>> Metastore::Read() {
  std::unique_ptr<Connection> connection;
  int64_t at_least = 0;
  {
    const std::lock_guard lock(mutex_);
    // What is read may be newer, never older.
    at_least = version_;
    reads_.insert(at_least);
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  Result<std::unique_ptr<ReadSnapshot>> snapshot = BeginRead(connection, at_least);
  if (!snapshot) {
    const std::lock_guard lock(mutex_);
    reads_.erase(reads_.find(at_least));
  }
  return snapshot;
}

Result<std::unique_ptr<ReadSnapshot>> Metastore::BeginRead(std::unique_ptr<Connection>& connection,
                                                           int64_t at_least) {
  if (connection == nullptr) {
    TARN_ASSIGN(connection, Connection::Open(path_, Access::kRead));
  }
  TARN_TRY(Execute(*connection, "BEGIN"));
  int64_t version = 0;
  int64_t role_version = 0;
  {
    // The first read fixes the moment.
    TARN_ASSIGN(Rows rows, connection->Prepare(kSelectVersions));
    TARN_ASSIGN(const bool found, rows.Next());
    if (!found) return Fail(ErrorKind::kCorruption, "the metastore has no version");
    version = rows.Int(0);
    role_version = rows.Int(1);
  }
  return std::make_unique<ReadSnapshot>(this, std::move(connection), version, role_version,
                                        at_least, clock_->NowMs());
}

void Metastore::GiveBack(std::unique_ptr<Connection> connection, int64_t registered) {
  const bool usable = Execute(*connection, "COMMIT").has_value();
  const std::lock_guard lock(mutex_);
  reads_.erase(reads_.find(registered));
  if (usable && idle_.size() < kIdleConnectionsMax) idle_.push_back(std::move(connection));
}

Result<std::shared_ptr<const RoleGraph>> Metastore::RolesAt(Connection& connection,
                                                            int64_t role_version) {
  {
    const std::lock_guard lock(mutex_);
    if (roles_version_ == role_version) return roles_;
  }
  TARN_ASSIGN(std::shared_ptr<const RoleGraph> roles, RoleGraph::Load(connection));
  const std::lock_guard lock(mutex_);
  if (role_version > roles_version_) {
    roles_ = roles;
    roles_version_ = role_version;
  }
  return roles;
}

StatementResult<> Metastore::Commit(const Change& change) { return Commit(change, false); }

StatementResult<> Metastore::CommitQuietly(const Change& change) { return Commit(change, true); }

StatementResult<> Metastore::Commit(const Change& change, bool quietly) {
  int64_t version = 0;
  {
    const std::lock_guard lock(writer_mutex_);
    STATEMENT_TRY(CommitLocked(change, quietly, version));
  }
  if (!quietly) Announce(version);
  return {};
}

StatementResult<> Metastore::CommitLocked(const Change& change, bool quietly, int64_t& version) {
  if (writer_ == nullptr) {
    STATEMENT_ASSIGN(writer_, Connection::Open(path_, Access::kWrite));
  }
  STATEMENT_TRY(Execute(*writer_, "BEGIN IMMEDIATE"));
  StatementResult<> changed = [&]() -> StatementResult<> {
    STATEMENT_ASSIGN(const auto before, SelectOne<int64_t>(*writer_, kSelectVersions));
    if (!before) return Wrapped({ErrorKind::kCorruption, "the metastore has no version", {}, {}});
    version = *before + 1;
    Transaction transaction(writer_.get(), *before, clock_->NowMs());
    STATEMENT_TRY(change(transaction));
    if (!quietly) STATEMENT_TRY(Execute(*writer_, "UPDATE metastore SET version = ?", version));
    return {};
  }();
  if (!changed) {
    // Without a rollback the connection is of no use.
    if (writer_->in_transaction() && !Execute(*writer_, "ROLLBACK")) writer_.reset();
    return changed;
  }
  STATEMENT_TRY(End());
  return {};
}

/// Commits. After a failure it is proven that nothing happened, or nobody knows: what stands in the
/// log without having been acknowledged counts after a crash, unless another commit overwrote it.
Result<> Metastore::End() {
  Result<> committed = Execute(*writer_, "COMMIT");
  if (committed) return committed;
  const bool rolled_back = !writer_->in_transaction() || Execute(*writer_, "ROLLBACK").has_value();
  const bool overwritten =
      rolled_back && Execute(*writer_, "UPDATE metastore SET version = version + 1").has_value();
  writer_.reset();
  if (overwritten) return committed;
  Error error = committed.error();
  error.kind = ErrorKind::kCommitStateUnknown;
  return std::unexpected(std::move(error));
}

void Metastore::Announce(int64_t version) {
  std::vector<std::function<void(int64_t)>> told;
  {
    const std::lock_guard lock(mutex_);
    // Announcements may overtake each other.
    if (version > version_) version_ = version;
    for (const auto& [id, callback] : subscribers_) told.push_back(callback);
  }
  changed_.notify_all();
  for (const auto& callback : told) callback(version);
}

int64_t Metastore::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

bool Metastore::WaitForChange(int64_t seen, std::chrono::milliseconds at_most) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, at_most, [&] { return version_ > seen; });
}

int64_t Metastore::Subscribe(std::function<void(int64_t)> callback) {
  const std::lock_guard lock(mutex_);
  subscribers_[next_subscription_] = std::move(callback);
  return next_subscription_++;
}

void Metastore::Unsubscribe(int64_t subscription) {
  const std::lock_guard lock(mutex_);
  subscribers_.erase(subscription);
}

int64_t Metastore::OldestRead() const {
  const std::lock_guard lock(mutex_);
  return reads_.empty() ? version_ : *reads_.begin();
}

}  // namespace tarn::warehouse
