// SPDX-License-Identifier: Apache-2.0
// For tests: a metastore in a scratch directory, a clock that stands still, and callers of roles.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/testing/manual_clock.h"
#include "storage/testing/scratch_directory.h"
#include "warehouse/catalogue/create.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/metastore/metastore.h"

namespace tarn::warehouse {

inline constexpr int64_t kTestNowMs = 1'800'000'000'000;

/// The value, or a failed test that tells why.
template <typename T>
T Must(StatementResult<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().code << " " << result.error().error.message;
    if constexpr (!std::is_void_v<T>) return T{};
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}
template <typename T>
T Must(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message << " " << result.error().detail;
    if constexpr (!std::is_void_v<T>) return T{};
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// "001003 (42000): text", or "ok".
template <typename T>
std::string Told(const StatementResult<T>& result) {
  if (result) return "ok";
  const StatementError& error = result.error();
  return fmt::format("{} ({}): {}", error.code, error.sqlstate, error.error.message);
}

class MetastoreTest : public testing::Test {
 protected:
  MetastoreTest() { Reopen(); }

  void Reopen() {
    metastore_.reset();
    auto opened = Metastore::Open({.path = path(), .clock = &clock_});
    ASSERT_TRUE(opened) << opened.error().message;
    metastore_ = *std::move(opened);
    admin_ = As(kAdmin);
  }
  std::string path() const { return directory_.path() + "/metastore.db"; }

  ObjectId Id(std::string_view family, std::string_view name, ObjectId container = kAccountId) {
    const auto snapshot = Must(metastore_->Read());
    const auto head = Must(snapshot->FindNamed(container, family, name));
    return head ? head->id : ObjectId();
  }
  /// A session of the first user in this role, in the same database and schema as before.
  Caller As(std::string_view role) {
    Caller caller = admin_;
    caller.user = Id("user", "ADMIN");
    caller.role = Id("role", role);
    return caller;
  }

  StatementResult<CreateOutcome> TryCreate(const Caller& caller, const ObjectName& name,
                                           Definition definition,
                                           OnExisting on_existing = OnExisting::kFail) {
    StatementResult<CreateOutcome> outcome;
    const StatementResult<> committed = metastore_->Commit([&](Transaction& transaction) {
      outcome = CreateObject(
          transaction, caller,
          {.name = name, .definition = std::move(definition), .on_existing = on_existing});
      return outcome ? StatementResult<>() : StatementResult<>(std::unexpected(outcome.error()));
    });
    if (!committed) return std::unexpected(committed.error());
    return outcome;
  }
  ObjectId Create(const Caller& caller, const std::string& name, Definition definition) {
    return Must(TryCreate(caller, Must(ParseObjectName(name)), std::move(definition))).id;
  }
  /// Database SHOP with schema S, current for the administrator.
  void MakeShop() {
    Create(admin_, "shop", Database{});
    admin_.database = "SHOP";
    Create(admin_, "s", Schema{});
    admin_.schema = "S";
  }
  /// Runs it in a transaction; its outcome, or why that did not commit.
  template <typename Operation>
  auto Change(Operation operation) {
    using Outcome =
        StatementResult<typename std::invoke_result_t<Operation, Transaction&>::value_type>;
    std::optional<Outcome> outcome;
    const StatementResult<> committed =
        metastore_->Commit([&](Transaction& transaction) -> StatementResult<> {
          outcome.emplace([&]() -> Outcome {
            auto done = operation(transaction);
            if (!done) return std::unexpected(AsStatementError(std::move(done).error()));
            if constexpr (std::is_void_v<typename Outcome::value_type>) {
              return {};
            } else {
              return *std::move(done);
            }
          }());
          STATEMENT_TRY(*outcome);
          return {};
        });
    if (!committed) return Outcome(std::unexpected(committed.error()));
    return *std::move(outcome);
  }

  static constexpr const char* kAdmin = "ACCOUNTADMIN";
  storage::ScratchDirectory directory_;
  ManualClock clock_{kTestNowMs};
  std::unique_ptr<Metastore> metastore_;
  Caller admin_;
};

}  // namespace tarn::warehouse
