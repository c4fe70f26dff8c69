// SPDX-License-Identifier: Apache-2.0
#include "base/sqlstate.h"

#include <gtest/gtest.h>

namespace tarn {
namespace {

// Conditions of PostgreSQL 17, appendix A, by their names there.
TEST(Sqlstate, HasTheKindThatTellsWhatToDo) {
  EXPECT_EQ(KindOfSqlstate("42501"), ErrorKind::kPermissionDenied);   // insufficient_privilege
  EXPECT_EQ(KindOfSqlstate("28P01"), ErrorKind::kPermissionDenied);   // invalid_password
  EXPECT_EQ(KindOfSqlstate("42P01"), ErrorKind::kNotFound);           // undefined_table
  EXPECT_EQ(KindOfSqlstate("42710"), ErrorKind::kAlreadyExists);      // duplicate_object
  EXPECT_EQ(KindOfSqlstate("40001"), ErrorKind::kConflict);           // serialization_failure
  EXPECT_EQ(KindOfSqlstate("55P03"), ErrorKind::kConflict);           // lock_not_available
  EXPECT_EQ(KindOfSqlstate("55000"), ErrorKind::kInvalidArgument);    // not_in_prerequisite_state
  EXPECT_EQ(KindOfSqlstate("23505"), ErrorKind::kInvalidArgument);    // unique_violation
  EXPECT_EQ(KindOfSqlstate("53100"), ErrorKind::kResourceExhausted);  // disk_full
  EXPECT_EQ(KindOfSqlstate("57014"), ErrorKind::kCancelled);          // query_canceled
  EXPECT_EQ(KindOfSqlstate("57P01"), ErrorKind::kUnavailable);        // admin_shutdown
  EXPECT_EQ(KindOfSqlstate("0A000"), ErrorKind::kUnsupported);        // feature_not_supported
}

TEST(Sqlstate, WhatIsNoneIsInternal) {
  EXPECT_EQ(KindOfSqlstate(""), ErrorKind::kInternal);
  EXPECT_EQ(KindOfSqlstate("XX000"), ErrorKind::kInternal);
}

}  // namespace
}  // namespace tarn
