// SPDX-License-Identifier: Apache-2.0
// Sizes for the planner. Asked of the engine once per version of a table and backend.
#include <string>
#include <unordered_map>

#include "boundary/guard.h"
#include "process/engine_client.h"
#include "scan/lake_scan.h"
#include "transaction/pending.h"
#include "transaction/pointer.h"

namespace tarn::extension {
namespace {

constexpr size_t kMaxCachedTables = 1000;
/// Of a row that is not yet in a file.
constexpr double kPendingRowBytes = 64;

struct CachedSize {
  std::string metadata_location;
  lake::TableSizeOk size;
};

lake::TableSizeOk AskEngine(const std::string& metadata_location) {
  return EngineClient::Get().Ask<lake::TableSizeOk>(
      lake::MessageType::kTableSize,
      lake::TableSizeRequest{.metadata_location = metadata_location});
}

const lake::TableSizeOk& CommittedSize(const Pointer& pointer) {
  static std::unordered_map<Oid, CachedSize> cache;
  if (cache.size() > kMaxCachedTables) cache.clear();
  CachedSize& cached = cache[pointer.table_oid];
  if (cached.metadata_location != pointer.metadata_location) {
    cached.metadata_location.clear();
    cached.size = AskEngine(pointer.metadata_location);
    cached.metadata_location = pointer.metadata_location;
  }
  return cached.size;
}

}  // namespace

LakeTableSize EstimateLakeTable(Relation relation) {
  LakeTableSize result;
  // The newest version serves estimates as well, and takes no predicate locks.
  const auto pointer = ReadNewestPointer(RelationGetRelid(relation));
  const RelFileNumber present = relation->rd_locator.relNumber;
  const bool has_files =
      pointer && !pointer->metadata_location.empty() && pointer->relfilenumber == present;
  if (has_files) {
    try {
      const lake::TableSizeOk& size = CommittedSize(*pointer);
      result.rows = static_cast<double>(size.rows);
      result.bytes = static_cast<double>(size.bytes);
    } catch (const LakeError&) {
      // A plan is possible without the engine; the scan will tell what is wrong.
      result.rows = relation->rd_rel->reltuples > 0 ? relation->rd_rel->reltuples : 0;
      result.bytes = result.rows * kPendingRowBytes;
    }
  }
  const auto pending = static_cast<double>(CountPendingRows(relation));
  result.rows += pending;
  result.bytes += pending * kPendingRowBytes;
  return result;
}

}  // namespace tarn::extension
