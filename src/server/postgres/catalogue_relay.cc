// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/catalogue_relay.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "server/postgres/message_reader.h"

namespace tarn::server::postgres {
namespace {

using warehouse::BoundValue;
using warehouse::StatementError;
using warehouse::StatementResult;

constexpr int64_t kBatchRows = 1024;
constexpr size_t kBatchBytes = size_t{1} << 20;
constexpr int kAttemptsMax = 50;
constexpr auto kRetryWait = std::chrono::milliseconds(100);
constexpr std::string_view kMissingFile = "58P01", kWrongKind = "42809";

/// Tables have a name and columns in the catalogues, and nothing to read.
StatementError Explained(StatementError error) {
  const bool no_relation =
      error.sqlstate == kWrongKind && error.error.message.starts_with("cannot open relation");
  if (error.sqlstate != kMissingFile && !no_relation) return error;
  return FailState(sqlstate::kNotSupported,
                   "a query of PostgreSQL's catalogues cannot read tables of the warehouse")
      .error();
}

std::optional<std::string> TextOf(const BoundValue& value) {
  if (value.text) return value.text;
  if (const bool* truth = std::get_if<bool>(&value.value)) return *truth ? "true" : "false";
  return std::nullopt;
}

/// Rows as the server sends them.
class RelaySource final : public RowSource {
 public:
  RelaySource(CatalogueRelay& relay, std::unique_ptr<CatalogueConnection> connection,
              CatalogueAddress address, SentColumns columns)
      : relay_(relay),
        connection_(std::move(connection)),
        address_(std::move(address)),
        columns_(std::move(columns)),
        kept_(columns_.size()) {}

  const SentColumns& columns() const override { return columns_; }
  std::string Tag(int64_t rows) const override { return fmt::format("SELECT {}", rows); }

  StatementResult<RowRange> Next(int64_t limit) override {
    Clear();
    const int64_t most = std::min(limit, kBatchRows);
    while (connection_ != nullptr && batch_.rows < most && bytes_ < kBatchBytes) {
      auto row = connection_->Next(batch_.rows == 0);
      if (!row) {
        connection_.reset();
        return std::unexpected(Explained(std::move(row).error()));
      }
      if (*row) {
        TARN_STATEMENT_TRY(Keep(**row));
      } else if (connection_->at_end()) {
        relay_.GiveBack(std::move(connection_), std::move(address_));
      } else {
        break;
      }
    }
    for (size_t i = 0; i < kept_.size(); ++i) batch_.columns.push_back(ViewOf(kept_[i]));
    return RowRange{&batch_, 0, batch_.rows};
  }

 private:
  struct Kept {
    std::string bytes;
    std::vector<int32_t> offsets;
    std::vector<uint8_t> validity;
  };

  void Clear() {
    batch_ = {};
    bytes_ = 0;
    for (Kept& column : kept_) {
      column.bytes.clear();
      column.offsets.assign(1, 0);
      column.validity.assign((kBatchRows + 7) / 8, 0);
    }
  }

  StatementResult<> Keep(std::string_view row) {
    MessageReader reader(row);
    if (reader.UInt16() != kept_.size()) {
      return FailState("0A000", "cached plan must not change result type");
    }
    const auto at = static_cast<size_t>(batch_.rows);
    for (Kept& column : kept_) {
      if (const auto value = reader.Value()) {
        column.bytes += *value;
        bytes_ += value->size();
        column.validity[at / 8] |= static_cast<uint8_t>(1U << (at % 8));
      }
      column.offsets.push_back(static_cast<int32_t>(column.bytes.size()));
    }
    ++batch_.rows;
    return {};
  }

  ColumnView ViewOf(const Kept& column) const {
    return {.rows = batch_.rows,
            .validity = column.validity.data(),
            .values = reinterpret_cast<const uint8_t*>(column.bytes.data()),
            .values_bytes = column.bytes.size(),
            .offsets = column.offsets.data()};
  }

  CatalogueRelay& relay_;
  std::unique_ptr<CatalogueConnection> connection_;  ///< null at the end
  CatalogueAddress address_;
  SentColumns columns_;
  std::vector<Kept> kept_;
  BatchView batch_;
  size_t bytes_ = 0;
};

Format FormatOf(const std::vector<Format>& formats, size_t column) {
  if (formats.empty()) return Format::kText;
  return formats.size() == 1 ? formats[0] : formats[column];
}

}  // namespace

StatementResult<CatalogueRelay::Linked> CatalogueRelay::Link(const std::string& zone, bool again) {
  TARN_STATEMENT_ASSIGN(CatalogueAddress address, access_->Ready(session_, again));
  if (!zone.empty()) address.parameters.emplace_back("TimeZone", zone);
  if (!again && idle_.connection != nullptr && idle_.address == address) return std::move(idle_);
  idle_ = {};
  TARN_STATEMENT_ASSIGN(auto connection, CatalogueConnection::Open(address, &interrupts_));
  return Linked{std::move(connection), std::move(address)};
}

template <typename Use>
StatementResult<CatalogueRelay::Linked> CatalogueRelay::Over(const std::string& zone,
                                                             const Use& use) {
  if (access_ == nullptr) {
    return FailState(sqlstate::kNotSupported, "PostgreSQL's catalogues are not there");
  }
  for (int attempt = 1;; ++attempt) {
    // After a crash it takes a moment to come back.
    if (attempt > 2) std::this_thread::sleep_for(kRetryWait);
    auto linked = Link(zone, attempt > 1);
    StatementResult<> used;
    if (linked) {
      used = use(*linked->connection);
    } else {
      used = std::unexpected(linked.error());
    }
    if (used) return linked;
    const bool may_pass = used.error().error.kind == ErrorKind::kUnavailable &&
                          interrupts_.raised() == Interruption::kNone;
    if (attempt == kAttemptsMax || !may_pass) {
      // A connection that answered with an error is as good as before.
      if (linked) idle_ = *std::move(linked);
      return std::unexpected(Explained(std::move(used).error()));
    }
  }
}

StatementResult<> CatalogueRelay::Prepare(std::string text, std::span<const uint32_t> declared,
                                          const std::string& zone, Statement& statement) {
  CatalogueQuery query{.text = std::move(text), .declared = {declared.begin(), declared.end()}};
  auto linked = Over(zone, [&](CatalogueConnection& connection) -> StatementResult<> {
    TARN_STATEMENT_ASSIGN(auto description, connection.Describe(query));
    statement.columns = std::move(description.columns);
    statement.parameter_oids = std::move(description.parameters);
    return {};
  });
  if (!linked) return std::unexpected(std::move(linked).error());
  idle_ = *std::move(linked);
  statement.relayed = std::move(query);
  return {};
}

StatementResult<std::unique_ptr<RowSource>> CatalogueRelay::Start(
    const Statement& statement, std::span<const BoundValue> values, const RunFormats& formats,
    const std::string& zone) {
  CatalogueQuery query = *statement.relayed;
  for (const BoundValue& value : values) query.values.push_back(TextOf(value));
  query.parameter_formats = formats.parameters;
  query.result_formats = formats.results;
  auto linked = Over(zone, [&](CatalogueConnection& connection) -> StatementResult<> {
    return connection.Start(query);
  });
  if (!linked) return std::unexpected(std::move(linked).error());
  SentColumns columns = statement.columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    columns[i].written_as = FormatOf(formats.results, i);
  }
  return std::make_unique<RelaySource>(*this, std::move(linked->connection),
                                       std::move(linked->address), std::move(columns));
}

void CatalogueRelay::GiveBack(std::unique_ptr<CatalogueConnection> connection,
                              CatalogueAddress address) {
  idle_ = {std::move(connection), std::move(address)};
}

}  // namespace tarn::server::postgres
