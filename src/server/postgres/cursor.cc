// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/cursor.h"

#include <algorithm>
#include <limits>

namespace tarn::server::postgres {
namespace {

using warehouse::StatementResult;

constexpr int64_t kEverything = std::numeric_limits<int64_t>::max();

std::vector<Type> Carriers(const SentColumns& columns) {
  std::vector<Type> carriers;
  for (const SentColumn& column : columns) carriers.push_back(column.carrier);
  return carriers;
}

std::unexpected<warehouse::StatementError> OnlyForward() {
  auto failed = FailState(sqlstate::kNotPrerequisite, "cursor can only scan forward");
  failed.error().error.hint = "Declare it with SCROLL option to enable backward scan.";
  return failed;
}

}  // namespace

Cursor::Cursor(StatementPtr statement, std::unique_ptr<RowSource> source, bool scroll,
               MemoryBudget& spool_space)
    : statement_(std::move(statement)),
      columns_(source->columns()),
      source_(std::move(source)),
      scroll_(scroll),
      spool_(Carriers(columns_), spool_space) {}

void Cursor::Pause() {
  if (source_ != nullptr) source_->Pause();
}

StatementResult<> Cursor::Check(const CursorMove& move) const {
  if (scroll_) return {};
  const bool absolute = move.kind == CursorMove::Kind::kAbsolute;
  const bool again = !absolute && move.count == 0 && is_on_row();
  if (move.count < 0 || again || (absolute && move.count <= position_)) return OnlyForward();
  return {};
}

StatementResult<bool> Cursor::SpoolUpTo(int64_t number) {
  while (spool_begin_ + spool_.rows() < number && source_ != nullptr) {
    TARN_STATEMENT_ASSIGN(const RowRange range, source_->Next(kEverything));
    if (range.rows() == 0) {
      source_.reset();
    } else {
      TARN_STATEMENT_TRY(spool_.Append(range));
    }
  }
  return spool_begin_ + spool_.rows() >= number;
}

StatementResult<> Cursor::Materialize() {
  if (source_ == nullptr) return {};
  if (!scroll_) spool_begin_ = position_;
  TARN_STATEMENT_TRY(SpoolUpTo(kEverything));
  return {};
}

StatementResult<RowRange> Cursor::Forward(int64_t limit) {
  if (after_end_) return RowRange{};
  if (!scroll_ && source_ != nullptr) {
    TARN_STATEMENT_ASSIGN(const RowRange range, source_->Next(limit));
    position_ += range.rows();
    if (range.rows() == 0) {
      after_end_ = true;
      ++position_;
      source_.reset();
    }
    return range;
  }
  TARN_STATEMENT_ASSIGN(const bool exists, SpoolUpTo(position_ + 1));
  if (!exists) {
    ++position_;
    after_end_ = true;
    return RowRange{};
  }
  TARN_STATEMENT_ASSIGN(const RowRange range, spool_.Read(position_ - spool_begin_, limit));
  position_ += range.rows();
  return range;
}

StatementResult<RowRange> Cursor::Backward() {
  if (!scroll_) return OnlyForward();
  after_end_ = false;
  if (position_ <= 1) {
    position_ = 0;
    return RowRange{};
  }
  --position_;
  return spool_.Read(position_ - 1, 1);
}

StatementResult<RowRange> Cursor::GoTo(int64_t number) {
  if (number < 0) {
    if (!scroll_) return OnlyForward();
    TARN_STATEMENT_TRY(SpoolUpTo(kEverything));
    number = std::max<int64_t>(spool_.rows() + 1 + number, 0);
  }
  if (!scroll_) {
    if (number <= position_) return OnlyForward();
    while (position_ < number - 1 && !after_end_) {
      TARN_STATEMENT_TRY(Forward(number - 1 - position_));
    }
    return Forward(1);
  }
  TARN_STATEMENT_ASSIGN(const bool exists, SpoolUpTo(number));
  after_end_ = !exists;
  position_ = exists ? number : spool_.rows() + 1;
  if (!exists || number == 0) return RowRange{};
  return spool_.Read(number - 1, 1);
}

FetchSource::FetchSource(std::shared_ptr<Cursor> cursor, CursorMove move, bool shows_rows)
    : cursor_(std::move(cursor)), move_(move), shows_rows_(shows_rows) {}

const SentColumns& FetchSource::columns() const {
  static const SentColumns kNone;
  return shows_rows_ ? cursor_->columns() : kNone;
}

/// The rows of one step; none when the move is over.
StatementResult<RowRange> FetchSource::Step(int64_t limit) {
  if (ended_) return RowRange{};
  if (move_.kind == CursorMove::Kind::kForward && (move_.count != 0 || move_.all)) {
    if (!move_.all && moved_ >= std::abs(move_.count)) return RowRange{};
    if (move_.count < 0) return cursor_->Backward();
    return cursor_->Forward(move_.all ? limit : std::min(limit, move_.count - moved_));
  }
  ended_ = true;
  if (move_.kind == CursorMove::Kind::kAbsolute) return cursor_->GoTo(move_.count);
  // Forward 0 is relative 0: the current row again, if there is one.
  if (move_.count == 0 && !cursor_->is_on_row()) return RowRange{};
  int64_t number = 0;
  if (__builtin_add_overflow(cursor_->position(), move_.count, &number)) number = kEverything;
  return cursor_->GoTo(std::max<int64_t>(number, 0));
}

StatementResult<RowRange> FetchSource::Next(int64_t limit) {
  while (true) {
    TARN_STATEMENT_ASSIGN(const RowRange range, Step(shows_rows_ ? limit : kEverything));
    moved_ += range.rows();
    if (range.rows() == 0) ended_ = true;
    if (ended_ && !shows_rows_) return RowRange{};
    if (shows_rows_) return range;
  }
}

std::string FetchSource::Tag(int64_t rows) const {
  return shows_rows_ ? fmt::format("FETCH {}", rows) : fmt::format("MOVE {}", moved_);
}

}  // namespace tarn::server::postgres
