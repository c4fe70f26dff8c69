// SPDX-License-Identifier: Apache-2.0
// The fault-injecting twin of a storage: same interface, real effects, and failures where a test or
// an operator's rehearsal asks for them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/storage.h"

namespace tarn::storage {

enum class Operation : uint8_t {
  kCreate,
  kAppend,
  kStage,
  kClose,  ///< Appear and Settle of a writer
  kOpen,
  kRead,
  kHead,
  kDelete,
  kList,
};

/// What happens to one operation.
struct Fault {
  enum class Kind : uint8_t {
    kNone,
    kFailBefore,  ///< Unavailable, no effect
    kInternal,    ///< Internal, no effect: as a defect of the program
    kFailAfter,   ///< the effect happens, the answer is CommitStateUnknown (Close) or Unavailable
    kTornWrite,   ///< Close publishes a prefix of the bytes and answers CommitStateUnknown
    kResourceExhausted,  ///< as a full disk, no effect
    kDelay,
  };
  Kind kind = Kind::kNone;
  std::chrono::milliseconds delay{0};
};

/// Decides for the n-th operation (from 0, counted over the whole storage). Called from any thread.
using FaultPlan =
    std::function<Fault(int64_t ordinal, Operation operation, std::string_view location)>;

/// Thread-safe if the inner storage and the plan are.
std::unique_ptr<Storage> MakeFaultyStorage(std::unique_ptr<Storage> inner, FaultPlan plan);

/// Reads a plan from text, for processes under test: `<operation>[:<location
/// glob>]@<n>=<fault>[(ms)]`, separated by `;`, e.g. `close:*.parquet@3=torn;read@*=delay(5)`. An
/// operation may be `*`; n counts, from 0, the operations that the rule matches; faults are before,
/// after, torn, full, delay. InvalidArgument otherwise.
Result<FaultPlan> ParseFaultPlan(std::string_view text);

}  // namespace tarn::storage
