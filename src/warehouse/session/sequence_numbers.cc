// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/sequence_numbers.h"

#include <algorithm>
#include <mutex>

#include "warehouse/catalogue/alter.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/objects/sequence.h"

namespace tarn::warehouse {
namespace {

/// So often a query gets what it asks for; then each block is twice as large as the last.
constexpr int kExactBlocks = 8;
constexpr int64_t kBlockMost = int64_t{1} << 20;

class SequenceNumbers final : public engine::NumberSource {
 public:
  SequenceNumbers(Metastore& metastore, ObjectId sequence, std::string name)
      : metastore_(metastore), sequence_(sequence), name_(std::move(name)) {}

  engine::QueryResult<Block> Take(int64_t count) override {
    const std::lock_guard lock(mutex_);
    if (left_ < count) {
      if (auto taken = Refill(count); !taken) {
        StatementError error = std::move(taken).error();
        return std::unexpected(engine::QueryFailure{std::move(error.error), std::move(error.code),
                                                    std::move(error.sqlstate)});
      }
    }
    const Block given = block_;
    left_ -= count;
    // Behind the last number it is never read.
    block_.first = static_cast<int64_t>(static_cast<uint64_t>(block_.first) +
                                        static_cast<uint64_t>(count) *
                                            static_cast<uint64_t>(block_.increment));
    return given;
  }

 private:
  /// What is left of the last block is a gap.
  StatementResult<> Refill(int64_t count) {
    if (++blocks_ > kExactBlocks) size_ = std::min(std::max(size_, count) * 2, kBlockMost);
    const int64_t wanted = std::max(size_, count);
    STATEMENT_TRY(metastore_.CommitQuietly([&](Transaction& transaction) -> StatementResult<> {
      STATEMENT_ASSIGN(const auto sequence, transaction.Find<Sequence>(sequence_));
      if (!sequence) return DoesNotExist(ObjectKind::kSequence, name_);
      block_.increment = sequence->increment;
      STATEMENT_ASSIGN(block_.first, TakeSequenceValues(transaction, sequence_, wanted));
      return {};
    }));
    left_ = wanted;
    return {};
  }

  Metastore& metastore_;
  const ObjectId sequence_;
  const std::string name_;
  std::mutex mutex_;
  Block block_;
  int64_t left_ = 0;
  int64_t size_ = 0;
  int blocks_ = 0;
};

}  // namespace

std::vector<std::shared_ptr<engine::NumberSource>> NumbersOf(
    Metastore& metastore, const std::vector<sql::NamedSequence>& sequences) {
  std::vector<std::shared_ptr<engine::NumberSource>> sources;
  for (const sql::NamedSequence& sequence : sequences) {
    sources.push_back(
        std::make_shared<SequenceNumbers>(metastore, ObjectId(sequence.id), sequence.name));
  }
  return sources;
}

}  // namespace tarn::warehouse
