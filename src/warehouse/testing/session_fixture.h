// SPDX-License-Identifier: Apache-2.0
// For tests: an account in a scratch directory, and statements whose answers are lines of text.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/batch.h"
#include "engine/testing/test_rows.h"
#include "iceberg/fsck/fsck.h"
#include "storage/testing/scratch_directory.h"
#include "warehouse/session/account.h"
#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {

/// The values of a row in one line: "1|NULL|a".
using Lines = std::vector<std::string>;

class SessionTest : public testing::Test {
 protected:
  SessionTest() { Reopen(); }

  void Reopen() {
    session_.reset();
    account_.reset();
    account_ = Must(Account::Open({.directory = directory_.path(), .threads = 2}));
    session_ = Open({.user = "ADMIN"});
  }
  std::unique_ptr<Session> Open(const SessionRequest& request) {
    return Must(account_->sessions().Open(request));
  }

  static std::string TextOf(const ResultColumn& column, const engine::Cell& cell) {
    if (cell.is_null()) return "NULL";
    return std::visit(
        [&](const auto& value) -> std::string {
          using V = std::decay_t<decltype(value)>;
          if constexpr (std::is_same_v<V, std::monostate>) {
            return "NULL";
          } else if constexpr (std::is_same_v<V, bool>) {
            return value ? "true" : "false";
          } else if constexpr (std::is_same_v<V, std::string>) {
            return value;
          } else if constexpr (std::is_same_v<V, Int128>) {
            const auto narrow = static_cast<int64_t>(value);
            EXPECT_EQ(Int128{narrow}, value);
            const int32_t scale = column.carrier.scale;
            return scale == 0 ? fmt::format("{}", narrow) : fmt::format("{}e-{}", narrow, scale);
          } else {
            return fmt::format("{}", value);
          }
        },
        cell.value);
  }

  static StatementResult<Lines> Drain(ResultStream& stream) {
    Lines lines;
    std::vector<Type> carriers;
    for (const ResultColumn& column : stream.columns()) carriers.push_back(column.carrier);
    std::vector<uint8_t> bytes;
    while (true) {
      STATEMENT_TRY(stream.Next(bytes));
      if (bytes.empty()) break;
      const BatchView batch = DecodeBatch(bytes, carriers).value();
      for (const engine::Row& row : engine::ReadRows(carriers, batch)) {
        std::string& line = lines.emplace_back();
        for (size_t i = 0; i < row.size(); ++i) {
          line += (i > 0 ? "|" : "") + TextOf(stream.columns()[i], row[i]);
        }
      }
    }
    if (!stream.columns().empty()) return lines;
    // Of what gives no rows: its status, or its counts.
    const StatementSummary& summary = stream.summary();
    if (!summary.status.empty()) lines.push_back(summary.status);
    for (const RowCount& count : summary.counts) {
      lines.push_back(fmt::format("{}: {}", count.label, count.rows));
    }
    return lines;
  }

  StatementResult<Lines> Try(Session& session, const std::string& text) {
    STATEMENT_ASSIGN(const auto prepared, session.Prepare(text, {}, {}));
    STATEMENT_ASSIGN(const auto stream, session.Execute(*prepared, {}));
    return Drain(*stream);
  }
  Lines Run(const std::string& text) {
    auto lines = Try(*session_, text);
    if (lines) return *std::move(lines);
    ADD_FAILURE() << text << ": " << Told(lines) << " " << lines.error().error.detail;
    return {};
  }
  /// "001003 (42000): text", or "ok".
  std::string ErrorOf(const std::string& text) { return Told(Try(*session_, text)); }

  storage::ScratchDirectory directory_;
  std::unique_ptr<Account> account_;
  std::unique_ptr<Session> session_;
};

}  // namespace tarn::warehouse
