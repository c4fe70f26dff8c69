// SPDX-License-Identifier: Apache-2.0
// Tells browsers of new snapshots of the tables that they show.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/dashboard/table_reader.h"
#include "warehouse/metastore/metastore.h"

namespace tarn::server::dashboard {

/// What one browser has still to be told of one table. Thread-safe.
class Watcher {
 public:
  explicit Watcher(TableVersion seen) : id_(seen.id), told_(seen.mark), pending_(std::move(seen)) {}

  warehouse::ObjectId id() const { return id_; }

  /// The newest version, if there is one that was not taken yet. The mark of a table that is gone
  /// is "gone".
  std::optional<TableVersion> Take();
  /// `wake` is called once, from any thread, as soon as Take has something: at once where it has.
  void WhenPending(std::function<void()> wake);

 private:
  friend class SnapshotWatch;
  /// Does nothing where it was told of this one before.
  void Tell(const TableVersion& version);

  const warehouse::ObjectId id_;
  std::mutex mutex_;
  std::string told_;  ///< the newest mark
  std::optional<TableVersion> pending_;
  std::function<void()> wake_;
};

/// One thread that sleeps until the metastore has changed, and then looks where the watched tables'
/// newest metadata is. Thread-safe.
class SnapshotWatch {
 public:
  /// The metastore outlives it.
  explicit SnapshotWatch(warehouse::Metastore* metastore);
  ~SnapshotWatch();
  SnapshotWatch(const SnapshotWatch&) = delete;
  SnapshotWatch& operator=(const SnapshotWatch&) = delete;

  /// Told of every later version while it lives; `seen` is pending from the start.
  std::shared_ptr<Watcher> Add(TableVersion seen);

 private:
  /// Outlives the watch in a call of the metastore's that is on its way.
  struct Signal {
    std::mutex mutex;
    std::condition_variable changed;
    bool ending = false, woken = false;
    std::vector<std::weak_ptr<Watcher>> watchers;

    void Wake();
  };
  void Run();
  /// False: something could not be read; it is looked at again.
  bool Look();

  warehouse::Metastore* const metastore_;
  const std::shared_ptr<Signal> signal_ = std::make_shared<Signal>();
  int64_t subscription_ = 0;
  std::thread thread_;
};

}  // namespace tarn::server::dashboard
