// SPDX-License-Identifier: Apache-2.0
#include "table/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <thread>

#include "base/file_content.h"
#include "base/logging.h"
#include "iceberg/commit/commit_files.h"
#include "table/node_identity.h"

namespace tarn::table {
namespace {

using Kind = JournalRecord::Kind;

constexpr uint64_t kCompactBytes = 4 << 20;
constexpr int kLockAttempts = 200;
constexpr std::chrono::milliseconds kLockPause{50};

std::unexpected<Error> Failed(const char* action, const std::string& path) {
  const ErrorKind kind = errno == ENOSPC || errno == EDQUOT || errno == EFBIG
                             ? ErrorKind::kResourceExhausted
                             : ErrorKind::kUnavailable;
  return Fail(kind, "could not {} \"{}\": {}", action, path,
              std::generic_category().message(errno));
}

Result<> WriteAll(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write", path);
    text.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<> SyncDirectory(const std::string& path) {
  const int directory = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && fsync(directory) == 0;
  if (directory >= 0) close(directory);
  if (!synced) return Failed("sync", path);
  return {};
}

/// An engine whose launcher was killed may be dying still. The lock goes with its process.
Result<int> LockDirectory(const std::string& directory) {
  const std::string path = directory + "/lock";
  const int file = open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return Failed("open", path);
  for (int attempt = 0; attempt < kLockAttempts; ++attempt) {
    if (flock(file, LOCK_EX | LOCK_NB) == 0) return file;
    std::this_thread::sleep_for(kLockPause);
  }
  close(file);
  return Fail(ErrorKind::kUnavailable, "another lake engine uses \"{}\"", directory);
}

std::string LinesOf(const JournalEntry& entry) {
  std::string lines;
  JournalRecord record{.writer = entry.writer};
  for (const JournalledLocation& location : entry.locations) {
    record.kind = Kind::kLocation;
    record.location = location;
    lines += EncodeJournalRecord(record);
  }
  for (const DroppedLocation& dropped : entry.dropped) {
    record.kind = Kind::kDropped;
    record.dropped = dropped;
    lines += EncodeJournalRecord(record);
  }
  for (const ExpiredFiles& expired : entry.expired) {
    record.kind = Kind::kExpired;
    record.expired = expired;
    lines += EncodeJournalRecord(record);
  }
  return lines;
}

std::string LineOf(const GarbageBatch& batch) {
  return EncodeJournalRecord({.kind = Kind::kGarbage, .garbage = batch});
}

/// Of the first version, which wrote down commits writer by writer.
GarbageBatch BatchOf(JournalEntry entry, int64_t committed_ms) {
  return {.id = entry.writer.id,
          .issuer = entry.writer.issuer,
          .mark = entry.writer.token,
          .committed_ms = committed_ms,
          .expired = std::move(entry.expired),
          .dropped = std::move(entry.dropped)};
}

/// Adds to what is known of the same location; the newest metadata tells what is still reached.
void Merge(std::vector<ExpiredFiles>& batch, ExpiredFiles more) {
  const auto same = std::ranges::find_if(batch, [&](const ExpiredFiles& known) {
    return known.location == more.location && known.holder == more.holder;
  });
  if (same == batch.end()) {
    batch.push_back(std::move(more));
    return;
  }
  if (iceberg::IsNewerMetadata(more.metadata_location, same->metadata_location)) {
    same->metadata_location = std::move(more.metadata_location);
  }
  std::ranges::move(more.manifest_lists, std::back_inserter(same->manifest_lists));
  std::ranges::move(more.metadata_files, std::back_inserter(same->metadata_files));
}

}  // namespace

Journal::Journal(std::string directory, Uuid node, int lock_file)
    : directory_(std::move(directory)), node_(node), lock_file_(lock_file) {}

Journal::~Journal() {
  if (lock_file_ >= 0) close(lock_file_);
  if (file_ < 0) return;
  // What nobody waited for may be lost; a clean stop saves the next start some work.
  if (!broken_) (void)WriteAll(file_, buffer_, directory_);
  close(file_);
}

Result<std::unique_ptr<Journal>> Journal::Open(const std::string& directory) {
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (failure) {
    return Fail(ErrorKind::kUnavailable, "could not create \"{}\": {}", directory,
                failure.message());
  }
  TARN_ASSIGN(const int lock_file, LockDirectory(directory));
  auto loaded = LoadNodeIdentity(directory, ExamineSurroundings(directory));
  if (!loaded) {
    close(lock_file);
    return std::unexpected(loaded.error());
  }
  const NodeIdentity identity = *loaded;
  std::unique_ptr<Journal> journal(new Journal(directory, identity.node, lock_file));
  const std::string log = directory + "/log";
  if (identity.is_new) {
    const std::string aside = log + "." + identity.previous.ToString();
    if (rename(log.c_str(), aside.c_str()) == 0) {
      spdlog::warn(
          "the data directory is a copy: its lake tables are read-only until they are adopted");
    } else if (errno != ENOENT) {
      return Failed("set aside", log);
    }
  }
  TARN_TRY(journal->Replay());
  TARN_TRY(journal->Compact());
  return journal;
}

Result<> Journal::Replay() {
  TARN_ASSIGN(const auto content, ReadFileIfPresent(directory_ + "/log"));
  std::string_view rest = content ? std::string_view(*content) : std::string_view();
  size_t malformed = 0;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    // The last line may be torn: nothing that depended on it has happened.
    const auto record = DecodeJournalRecord(line);
    if (record) {
      Apply(*record);
    } else {
      ++malformed;
    }
  }
  if (malformed > 0) spdlog::warn("the journal has {} torn lines, ignored", malformed);
  return {};
}

void Journal::Apply(const JournalRecord& record) {
  const Uuid& id = record.writer.id;
  switch (record.kind) {
    case Kind::kForgotten:
      open_.erase(id);
      garbage_.erase(id);
      return;
    case Kind::kGarbage:
      garbage_[record.garbage.id] = std::make_shared<const GarbageBatch>(record.garbage);
      return;
    case Kind::kCommitted: {
      auto entry = open_.extract(id);
      if (entry.empty()) return;
      garbage_[id] = std::make_shared<const GarbageBatch>(
          BatchOf(std::move(entry.mapped()), record.committed_ms));
      return;
    }
    default:
      break;
  }
  JournalEntry& entry = open_[id];
  entry.writer = record.writer;
  if (record.kind == Kind::kLocation) entry.locations.push_back(record.location);
  if (record.kind == Kind::kDropped) entry.dropped.push_back(record.dropped);
  if (record.kind == Kind::kExpired) entry.expired.push_back(record.expired);
}

/// Nobody else uses the journal, or the lock is held and nobody writes.
Result<> Journal::Compact() {
  const std::string log = directory_ + "/log";
  const std::string unfinished = log + ".new";
  const int file = open(unfinished.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return Failed("create", unfinished);
  if (file_ >= 0) close(file_);
  file_ = file;
  std::string text;
  for (const auto& [id, entry] : open_) text += LinesOf(entry);
  for (const auto& [id, batch] : garbage_) text += LineOf(*batch);
  TARN_TRY(WriteAll(file_, text, unfinished));
  if (fsync(file_) != 0) return Failed("sync", unfinished);
  if (rename(unfinished.c_str(), log.c_str()) != 0) return Failed("replace", log);
  TARN_TRY(SyncDirectory(directory_));
  buffer_.clear();
  file_bytes_ = text.size();
  compact_at_bytes_ = std::max<uint64_t>(kCompactBytes, 4 * file_bytes_);
  durable_ = appended_;
  return {};
}

/// A new file with everything that is known, since after a failed write or sync the old one proves
/// nothing.
Result<> Journal::Repair() {
  const auto compacted = Compact();
  broken_ = compacted ? std::nullopt : std::optional<Error>(compacted.error());
  synced_.notify_all();
  return compacted;
}

Result<> Journal::CompactIfLarge(std::unique_lock<std::mutex>& lock) {
  if (file_bytes_ < compact_at_bytes_) return {};
  synced_.wait(lock, [this] { return !writing_; });
  return Repair();
}

Result<> Journal::Write(std::unique_lock<std::mutex>& lock, const std::string& lines, bool sync) {
  appended_ += lines.size();
  if (broken_) {
    synced_.wait(lock, [this] { return !writing_; });
    // The states hold what `lines` say.
    return Repair();
  }
  buffer_ += lines;
  file_bytes_ += lines.size();
  const uint64_t mine = appended_;
  if (!sync) return {};
  while (durable_ < mine) {
    if (broken_) return std::unexpected(*broken_);
    if (writing_) {
      // Whoever is at it takes everything that was buffered before it began.
      synced_.wait(lock);
      continue;
    }
    writing_ = true;
    const std::string text = std::exchange(buffer_, {});
    const uint64_t end = appended_;
    lock.unlock();
    auto result = WriteAll(file_, text, directory_ + "/log");
    if (result && fdatasync(file_) != 0) result = Failed("sync", directory_ + "/log");
    lock.lock();
    writing_ = false;
    if (result) {
      durable_ = std::max(durable_, end);
    } else {
      broken_ = result.error();
    }
    synced_.notify_all();
  }
  return {};
}

Result<> Journal::AddLocation(const Writer& writer, const std::string& location, bool create) {
  std::unique_lock lock(mutex_);
  const JournalRecord record{.kind = Kind::kLocation,
                             .writer = writer,
                             .location = {.location = location, .create = create}};
  const auto found = open_.find(writer.id);
  if (found != open_.end() && std::ranges::find(found->second.locations, record.location) !=
                                  found->second.locations.end()) {
    return {};
  }
  Apply(record);
  TARN_TRY(Write(lock, EncodeJournalRecord(record), true));
  return CompactIfLarge(lock);
}

Result<> Journal::AddDropped(const Writer& writer, std::vector<DroppedLocation> dropped) {
  if (dropped.empty()) return {};
  std::unique_lock lock(mutex_);
  std::string lines;
  for (DroppedLocation& table : dropped) {
    const JournalRecord record{
        .kind = Kind::kDropped, .writer = writer, .dropped = std::move(table)};
    Apply(record);
    lines += EncodeJournalRecord(record);
  }
  return Write(lock, lines, true);
}

Result<> Journal::AddExpired(const Writer& writer, std::vector<ExpiredFiles> expired) {
  if (expired.empty()) return {};
  std::unique_lock lock(mutex_);
  std::string lines;
  for (ExpiredFiles& files : expired) {
    const JournalRecord record{
        .kind = Kind::kExpired, .writer = writer, .expired = std::move(files)};
    Apply(record);
    lines += EncodeJournalRecord(record);
  }
  return Write(lock, lines, true);
}

void Journal::Commit(const Uuid& writer, int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(writer);
  if (found != open_.end()) found->second.committed_ms = now_ms;
}

void Journal::MarkTidy(const Uuid& writer) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(writer);
  if (found != open_.end()) found->second.tidy = true;
}

Result<> Journal::Forget(const Uuid& writer) {
  std::unique_lock lock(mutex_);
  if (open_.erase(writer) == 0) return {};
  return Write(lock, EncodeJournalRecord({.kind = Kind::kForgotten, .writer = {.id = writer}}),
               false);
}

Result<> Journal::Settle(const std::vector<Uuid>& writers, const std::string& issuer,
                         const std::string& mark, int64_t now_ms) {
  if (writers.empty()) return {};
  GarbageBatch batch{.id = Uuid::Random(), .issuer = issuer, .mark = mark, .committed_ms = 0};
  std::string forgotten;
  std::unique_lock lock(mutex_);
  for (const Uuid& writer : writers) {
    auto entry = open_.extract(writer);
    if (entry.empty()) continue;
    batch.committed_ms = std::max(batch.committed_ms, entry.mapped().committed_ms.value_or(now_ms));
    for (ExpiredFiles& files : entry.mapped().expired) Merge(batch.expired, std::move(files));
    std::ranges::move(entry.mapped().dropped, std::back_inserter(batch.dropped));
    forgotten += EncodeJournalRecord({.kind = Kind::kForgotten, .writer = {.id = writer}});
  }
  // The batch first: what is torn off behind it is asked for again, which does no harm.
  std::string lines;
  if (!batch.expired.empty() || !batch.dropped.empty()) {
    lines = LineOf(batch);
    const Uuid id = batch.id;
    garbage_[id] = std::make_shared<const GarbageBatch>(std::move(batch));
  }
  TARN_TRY(Write(lock, lines + forgotten, false));
  return CompactIfLarge(lock);
}

std::vector<JournalEntry> Journal::Entries() const {
  const std::lock_guard lock(mutex_);
  std::vector<JournalEntry> entries;
  entries.reserve(open_.size());
  for (const auto& [id, entry] : open_) entries.push_back(entry);
  return entries;
}

std::optional<JournalEntry> Journal::Find(const Uuid& writer) const {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(writer);
  if (found == open_.end()) return std::nullopt;
  return found->second;
}

Journal::Batches Journal::Garbage() const {
  const std::lock_guard lock(mutex_);
  Batches batches;
  batches.reserve(garbage_.size());
  for (const auto& [id, batch] : garbage_) batches.push_back(batch);
  return batches;
}

Result<> Journal::ReplaceGarbage(const Uuid& id, std::optional<GarbageBatch> rest) {
  std::unique_lock lock(mutex_);
  if (garbage_.erase(id) == 0) return {};
  std::string line;
  if (rest) {
    line = LineOf(*rest);
    garbage_[id] = std::make_shared<const GarbageBatch>(std::move(*rest));
  } else {
    line = EncodeJournalRecord({.kind = Kind::kForgotten, .writer = {.id = id}});
  }
  TARN_TRY(Write(lock, line, false));
  return CompactIfLarge(lock);
}

}  // namespace tarn::table
