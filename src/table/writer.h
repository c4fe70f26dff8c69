// SPDX-License-Identifier: Apache-2.0
// Who makes files. This module knows nothing of PostgreSQL's transactions: a writer is an opaque
// id, and whoever issued it tells its fate.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"

namespace tarn::table {

/// One writer: a transaction of PostgreSQL, a statement of the warehouse, a flush of the capture,
/// a run of maintenance. Its id is random, stands in the name of every file that it makes, and is
/// journalled before the first of them appears. A plain value.
struct Writer {
  Uuid id;
  /// Whose writers these are ("postgres", "process"): selects the WriterFates to ask.
  std::string issuer;
  /// What the issuer needs to tell its fate, in its own words. Opaque here.
  std::string token;

  bool operator==(const Writer&) const = default;
};

enum class WriterFate : uint8_t {
  kRunning,    ///< or prepared: nothing is decided
  kCommitted,  ///< what it published is current, or was; durably
  kAborted,    ///< certainly never published: its files go
  /// Nobody can tell now: keep everything, ask again. Age is never proof.
  kUnknown,
};

/// Tells the fate of one issuer's writers whose end nobody proved, and which dereferenced files may
/// go. Implemented by each issuer. Thread-safe.
class WriterFates {
 public:
  virtual ~WriterFates() = default;
  /// Writer::issuer of those that it knows.
  virtual std::string_view issuer() const = 0;
  /// One answer per writer, in order. An error is kUnknown for all.
  virtual Result<std::vector<WriterFate>> FatesOf(std::span<const Writer> writers) = 0;
  /// A moment after every commit that FatesOf has reported so far, in the issuer's own words.
  virtual Result<std::string> ReadersMark() = 0;
  /// Whether no reader can still be using what commits before `mark` dereferenced: all readers'
  /// views are younger (PostgreSQL: every xmin of snapshots, slots, standbys and prepared
  /// transactions). Pins and the safe age are the caller's part.
  virtual Result<bool> IsBeyondReaders(const std::string& mark) = 0;
};

}  // namespace tarn::table
