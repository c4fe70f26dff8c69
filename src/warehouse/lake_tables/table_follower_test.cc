// SPDX-License-Identifier: Apache-2.0
#include "warehouse/lake_tables/table_follower.h"

#include <thread>

#include "table/ownership.h"
#include "table/pins.h"
#include "warehouse/testing/foreign_lake.h"

namespace tarn::warehouse {
namespace {

class TableFollowerTest : public ForeignLakeTest {
 protected:
  void Follow() {
    session_.reset();
    account_.reset();
    account_ =
        Must(Account::Open({.directory = directory_.path(), .threads = 2, .follows_tables = true}));
    session_ = Open({.user = "ADMIN", .database = "d"});
  }
  /// However long it takes; the test's own limit ends it.
  void WaitForCount(const std::string& count) {
    while (Run("SELECT COUNT(*) FROM orders") != Lines{count}) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
};

TEST_F(TableFollowerTest, TablesFollowTheirFilesBothOwnedAndForeign) {
  const auto first = MakeOrders();
  Follow();
  Run(Named("orders", PathOf(first)) + " AUTO_REFRESH = TRUE");
  lake_.Append("orders", {Order(1, 1, "CARD")});
  WaitForCount("1");
  Must(lake_.storage().Put(table::OwnerFileLocation(first.metadata->location),
                           std::string_view(R"({"table-uuid": "x"})"), storage::PutMode::kReplace));
  lake_.Append("orders", {Order(2, 1, "CARD")});
  const auto last = lake_.Append("orders", {Order(3, 1, "CARD")});
  WaitForCount("3");
  Run("ALTER ICEBERG TABLE orders SET AUTO_REFRESH = FALSE");
  lake_.ExpectSound(last);
}

TEST_F(TableFollowerTest, PinsAreRenewedWhenTheAccountOpens) {
  const auto made = MakeOrders();
  const auto filled = lake_.Append("orders", {Order(1, 1, "CARD")});
  const std::string& location = made.metadata->location;
  Must(lake_.storage().Put(table::OwnerFileLocation(location),
                           std::string_view(R"({"table-uuid": "x"})"), storage::PutMode::kReplace));
  Run(Named("orders", PathOf(filled)));
  const auto pins = [&] { return warehouse::Must(table::ReadPins(lake_.storage(), location, 0)); };
  ASSERT_EQ(pins().size(), 1);
  const std::string name = pins()[0].name;
  warehouse::Must(table::RemovePin(lake_.storage(), location, name));
  EXPECT_TRUE(pins().empty());
  warehouse::Must(RenewPins(*account_));
  ASSERT_EQ(pins().size(), 1);
  EXPECT_EQ(pins()[0].name, name);
  EXPECT_EQ(pins()[0].snapshot_id, *filled.metadata->current_snapshot_id);
}

}  // namespace
}  // namespace tarn::warehouse
