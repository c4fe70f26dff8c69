// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task_group.h"
#include "base/worker_pool.h"
#include "storage/storage.h"

namespace tarn::storage {

/// Objects that appear together: made durable beside each other, visible one after the other, so
/// that a group costs about the time of one. A large group goes in portions, since each object
/// holds files open. Used by one thread.
class Publication {
 public:
  /// Without workers everything happens in the calling thread. The pool outlives the publication.
  /// Nothing appears before `before_appearing` succeeded, which is asked for every portion.
  explicit Publication(WorkerPool* workers, std::function<Result<>()> before_appearing = nullptr)
      : before_appearing_(std::move(before_appearing)), staging_(workers), settling_(workers) {}

  /// Begins to make a written object durable. Objects appear in the order of Add.
  void Add(std::string location, std::unique_ptr<ObjectWriter> object);
  /// Begins to write a whole object, put if absent. The storage outlives the publication.
  void Add(Storage* storage, std::string location, std::string bytes);

  /// All objects of the portion appear, when all are durable. A failure before that leaves none of
  /// them; one on the way ends it, and CommitStateUnknown leaves even the last of `appeared` in
  /// doubt. Call once.
  Result<> Appear();
  /// What appeared will survive a crash of the machine. After a failure it may not
  /// (CommitStateUnknown). Begins by itself with Appear. Call once.
  Result<> Settle();
  /// Appear and Settle.
  Result<> Finish();

  /// Every object that exists or may, in the order of their appearing.
  const std::vector<std::string>& appeared() const { return appeared_; }

 private:
  struct Object {
    std::string location;
    std::unique_ptr<ObjectWriter> writer;
  };

  Object& NewObject(std::string location, std::unique_ptr<ObjectWriter> writer);
  Result<> AppearAll();

  const std::function<Result<>()> before_appearing_;
  Result<> earlier_;  ///< the outcome of earlier portions
  std::vector<std::unique_ptr<Object>> objects_;
  std::vector<std::string> appeared_;
  // Last, since their tasks use the objects.
  TaskGroup staging_;
  TaskGroup settling_;
};

}  // namespace tarn::storage
