// SPDX-License-Identifier: Apache-2.0
#include "warehouse/streams/stream_pins.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <vector>

#include "base/clock.h"
#include "table/journal.h"
#include "table/pins.h"
#include "table/table_cache.h"
#include "warehouse/lake_tables/foreign_metadata.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/streams/stream_life.h"

namespace tarn::warehouse {
namespace {

std::string PinName(Account& account, ObjectId stream, int64_t snapshot) {
  return fmt::format("stream-{}-{}-{}", account.tables().journal->node().ToString(), stream.value(),
                     snapshot);
}

/// Whether pins of the table count for anybody.
StatementResult<bool> TakesPins(Account& account, const Stream& stream,
                                const iceberg::LoadedTable& source) {
  STATEMENT_ASSIGN(const auto snapshot, account.metastore().Read());
  STATEMENT_ASSIGN(const auto table, snapshot->Find<Table>(stream.source));
  if (table && table->kind == TableKind::kManaged) return true;
  STATEMENT_ASSIGN(const bool owned, IsOwned(*account.tables().storage, source.metadata->location));
  return owned;
}

}  // namespace

StatementResult<> PinOffset(Account& account, ObjectId id, const Stream& stream,
                            const iceberg::LoadedTable& source, int64_t lease_ms) {
  if (stream.offsets.empty() || !stream.offsets.front().snapshot_id) return {};
  STATEMENT_ASSIGN(const bool takes, TakesPins(account, stream, source));
  if (!takes) return {};
  const iceberg::SnapshotId snapshot_id(*stream.offsets.front().snapshot_id);
  table::Pin pin{.name = PinName(account, id, snapshot_id.value()),
                 .snapshot_id = snapshot_id,
                 .metadata_location = source.metadata_location,
                 .expires_ms = lease_ms};
  const auto* const snapshot = source.metadata->FindSnapshot(snapshot_id);
  // Each of the snapshots that follow tells what it added.
  if (stream.mode != StreamMode::kDefault && snapshot != nullptr) {
    pin.and_later_than = snapshot->sequence_number.value();
  }
  const auto newest = [&]() -> Result<std::string> {
    TARN_ASSIGN(const auto moment, account.metastore().Read());
    TARN_ASSIGN(const auto pointer, FindPointer(*moment, stream.source));
    return pointer ? pointer->metadata_location : source.metadata_location;
  };
  const table::TableContext& tables = account.tables();
  STATEMENT_TRY(table::PutPin(*tables.storage, source.metadata->location, pin, newest));
  return {};
}

void UnpinOffset(Account& account, ObjectId id, const Stream& stream,
                 const iceberg::LoadedTable& source) {
  if (stream.offsets.empty() || !stream.offsets.front().snapshot_id) return;
  const auto removed = table::RemovePin(*account.tables().storage, source.metadata->location,
                                        PinName(account, id, *stream.offsets.front().snapshot_id));
  if (!removed) spdlog::warn("could not remove a stream's pin: {}", removed.error().message);
}

namespace {

struct KeptStream {
  ObjectId id;
  Stream stream;
  iceberg::LoadedTable source;
  int64_t lease_ms = 0;
};

/// Streams whose snapshots are still there.
Result<std::vector<KeptStream>> ReadableStreams(Account& account) {
  std::vector<KeptStream> kept;
  TARN_ASSIGN(const auto snapshot, account.metastore().Read());
  TARN_ASSIGN(const auto streams, snapshot->Objects<Stream>("WHERE o.dropped_ms IS NULL"));
  for (const Object<Stream>& each : streams) {
    const Stream& stream = each.value;
    if (stream.offsets.empty() || !stream.offsets.front().snapshot_id) continue;
    TARN_ASSIGN(const bool alive, snapshot->IsAlive(stream.source));
    TARN_ASSIGN(const auto pointer, FindPointer(*snapshot, stream.source));
    if (!alive || !pointer) continue;
    const auto loaded = account.tables().tables->Load(pointer->metadata_location);
    if (!loaded) continue;  // whoever reads it is told
    const iceberg::SnapshotId offset(*stream.offsets.front().snapshot_id);
    if (loaded->metadata->FindSnapshot(offset) == nullptr) continue;
    TARN_ASSIGN(const int64_t life_ms, StreamLifeMs(*snapshot, stream.source));
    kept.push_back({each.head.id, stream, *loaded, stream.offsets.front().at_ms + life_ms});
  }
  return kept;
}

}  // namespace

Result<> RepairStreamPins(Account& account) {
  TARN_ASSIGN(const auto streams, ReadableStreams(account));
  for (const KeptStream& kept : streams) {
    TARN_ASSIGN(const auto pins, table::ReadPins(*account.tables().storage,
                                                 kept.source.metadata->location, NowMs()));
    const std::string name = PinName(account, kept.id, *kept.stream.offsets.front().snapshot_id);
    if (std::ranges::find(pins, name, &table::Pin::name) != pins.end()) continue;
    TARN_TRY(WithoutCode(PinOffset(account, kept.id, kept.stream, kept.source, kept.lease_ms)));
  }
  return {};
}

}  // namespace tarn::warehouse
