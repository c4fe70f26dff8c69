// SPDX-License-Identifier: Apache-2.0
#include "table/process_lease.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace tarn::table {
namespace {

constexpr const char* kIssuer = "process";
constexpr size_t kUuidDigits = 36;

std::unexpected<Error> Failed(const char* action, const std::string& path) {
  return Fail(ErrorKind::kUnavailable, "could not {} \"{}\": {}", action, path,
              std::generic_category().message(errno));
}

std::string PathOf(const std::string& directory, const Uuid& id) {
  return fmt::format("{}/{}.lease", directory, id.ToString());
}

struct Token {
  Uuid lease;
  int64_t taken_ms = 0;
};

Result<Token> TokenOf(const Writer& writer) {
  Token token;
  const std::string& text = writer.token;
  const auto lease = Uuid::Parse(std::string_view(text).substr(0, kUuidDigits));
  const char* const end = text.data() + text.size();
  const bool has_time = text.size() > kUuidDigits + 1 && text[kUuidDigits] == '/';
  if (writer.issuer != kIssuer || !lease || !has_time ||
      std::from_chars(text.data() + kUuidDigits + 1, end, token.taken_ms).ptr != end) {
    return Fail(ErrorKind::kInvalidArgument, "writer {} is no process's: \"{}\" \"{}\"",
                writer.id.ToString(), writer.issuer, text);
  }
  token.lease = *lease;
  return token;
}

/// Whether somebody holds the lease. Its file goes with a clean end.
Result<bool> IsHeld(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return false;
  if (file < 0) return Failed("open", path);
  const bool locked = flock(file, LOCK_EX | LOCK_NB) == 0;
  const int why = errno;
  close(file);
  errno = why;
  if (!locked && why != EWOULDBLOCK) return Failed("lock", path);
  return !locked;
}

bool CarriesId(std::string_view location, const std::string& id) {
  return location.substr(location.rfind('/') + 1).contains(id);
}

}  // namespace

Result<std::unique_ptr<ProcessLease>> ProcessLease::Take(const std::string& directory,
                                                         int64_t now_ms) {
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (failure) {
    return Fail(ErrorKind::kUnavailable, "could not create \"{}\": {}", directory,
                failure.message());
  }
  const Uuid id = Uuid::Random();
  const std::string path = PathOf(directory, id);
  // It gets its name when it is locked: nobody finds it free.
  const std::string unlocked = path + ".new";
  const int file = open(unlocked.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return Failed("create", unlocked);
  if (flock(file, LOCK_EX | LOCK_NB) != 0 || rename(unlocked.c_str(), path.c_str()) != 0) {
    auto error = Failed("lock", unlocked);
    unlink(unlocked.c_str());
    close(file);
    return error;
  }
  return std::unique_ptr<ProcessLease>(new ProcessLease(path, id, now_ms, file));
}

ProcessLease::~ProcessLease() {
  unlink(path_.c_str());
  close(file_);
}

Writer ProcessLease::NewWriter() const {
  return {.id = Uuid::Random(),
          .issuer = kIssuer,
          .token = fmt::format("{}/{}", id_.ToString(), taken_ms_)};
}

Result<WriterFate> FateInHistory(const iceberg::LoadedTable& newest, const Writer& writer) {
  TARN_ASSIGN(const Token token, TokenOf(writer));
  const std::string id = writer.id.ToString();
  const iceberg::TableMetadata& metadata = *newest.metadata;
  if (CarriesId(newest.metadata_location, id)) return WriterFate::kCommitted;
  for (const iceberg::MetadataLogEntry& entry : metadata.metadata_log) {
    if (CarriesId(entry.metadata_file, id)) return WriterFate::kCommitted;
  }
  for (const auto& snapshot : metadata.snapshots) {
    if (CarriesId(snapshot->manifest_list, id)) return WriterFate::kCommitted;
  }
  // Each state of the table named its predecessor: with one from before the lease in the log, all
  // states since are in it.
  const bool reaches_back = std::ranges::any_of(
      metadata.metadata_log,
      [&](const iceberg::MetadataLogEntry& entry) { return entry.timestamp_ms < token.taken_ms; });
  return reaches_back || metadata.last_updated_ms < token.taken_ms ? WriterFate::kAborted
                                                                   : WriterFate::kUnknown;
}

ProcessFates::ProcessFates(std::string directory, Look look)
    : directory_(std::move(directory)), look_(std::move(look)) {}

void ProcessFates::Tell(const Uuid& writer, WriterFate fate) {
  const std::lock_guard lock(mutex_);
  told_[writer] = fate;
}

std::string_view ProcessFates::issuer() const { return kIssuer; }

Result<WriterFate> ProcessFates::FateOf(const Writer& writer) {
  {
    const std::lock_guard lock(mutex_);
    const auto told = told_.extract(writer.id);
    if (!told.empty()) return told.mapped();
  }
  TARN_ASSIGN(const Token token, TokenOf(writer));
  TARN_ASSIGN(const bool held, IsHeld(PathOf(directory_, token.lease)));
  if (held) return WriterFate::kRunning;
  return look_(writer);
}

Result<std::vector<WriterFate>> ProcessFates::FatesOf(std::span<const Writer> writers) {
  std::vector<WriterFate> fates;
  fates.reserve(writers.size());
  for (const Writer& writer : writers) {
    fates.push_back(FateOf(writer).value_or(WriterFate::kUnknown));
  }
  return fates;
}

Result<std::string> ProcessFates::ReadersMark() { return std::string(); }

Result<bool> ProcessFates::IsBeyondReaders(const std::string& /*mark*/) { return true; }

}  // namespace tarn::table
