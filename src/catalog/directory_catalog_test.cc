// SPDX-License-Identifier: Apache-2.0
#include "catalog/directory_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/catalog_state.h"
#include "iceberg/manifests/manifest_cache.h"
#include "storage/testing/memory_storage.h"

namespace tarn::catalog {
namespace {

using testing::ElementsAre;

constexpr const char* kLocation = "s3://bucket/lake";
constexpr size_t kCacheBytes = size_t{1} << 20;
const TableName kOrders{{"shop"}, "orders"};
const TableName kItems{{"shop"}, "items"};

iceberg::TableMetadata First(const TableName& name) {
  const iceberg::Schema schema{
      .fields = {{.id = FieldId(1), .name = "id", .type = Type::Primitive(TypeKind::kLong)}}};
  return *iceberg::NewTableMetadata(Uuid::Random(), fmt::format("{}/{}", kLocation, name.name),
                                    schema, {}, {}, 1'700'000'000'000);
}

class DirectoryCatalogTest : public testing::Test {
 protected:
  DirectoryCatalogTest()
      : cache_(&memory_, kCacheBytes),
        catalog_(OpenDirectoryCatalog(&memory_, &cache_, kLocation, {})) {
    EXPECT_TRUE(catalog_->CreateTable(kOrders, First(kOrders)));
    EXPECT_TRUE(catalog_->CreateTable(kItems, First(kItems)));
  }

  std::string Newest(const TableName& table) { return catalog_->Newest({&table, 1})->front(); }

  storage::MemoryStorage memory_;
  iceberg::ManifestCache cache_;
  std::unique_ptr<Catalog> catalog_;
};

TEST(CatalogState, RoundTrips) {
  CatalogState base;
  base.version = 7;
  base.commit = Uuid::Random();
  base.recent_commits = {Uuid::Random(), Uuid::Random()};
  const CatalogState state =
      NextState(base, {{{{"a", "b"}, "c.d"}, "s3://x"}, {{{}, "top"}, "s3://y"}}, Uuid::Random());
  const auto parsed = ParseCatalogState(SerializeCatalogState(state));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->version, 8);
  EXPECT_EQ(parsed->commit, state.commit);
  EXPECT_THAT(parsed->recent_commits,
              ElementsAre(base.commit, base.recent_commits[0], base.recent_commits[1]));
  EXPECT_EQ(parsed->metadata_locations, state.metadata_locations);
}

TEST(CatalogState, VersionsInNames) {
  EXPECT_EQ(StateLocation("s3://b/l", 42), "s3://b/l/catalog/00000000000000000042.json");
  EXPECT_EQ(StateVersion("s3://b/l/catalog/00000000000000000042.json"), 42);
  EXPECT_EQ(StateVersion("s3://b/l/catalog/42.json"), -1);
  EXPECT_EQ(StateVersion("s3://b/l/catalog/0000000000000000004x.json"), -1);
  EXPECT_EQ(StateVersion("s3://b/l/catalog/00000000000000000042.jsonx"), -1);
}

TEST(CatalogState, DamageIsCorruption) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"version": 1})",
        R"({"version": 1, "commit": "x", "recent-commits": [], "tables": []})"}) {
    const auto state = ParseCatalogState(text);
    ASSERT_FALSE(state) << text;
    EXPECT_EQ(state.error().kind, ErrorKind::kCorruption);
  }
}

TEST_F(DirectoryCatalogTest, TablesComeAndGo) {
  EXPECT_THAT(*catalog_->ListTables(), ElementsAre(kItems, kOrders));
  EXPECT_EQ(catalog_->CreateTable(kOrders, First(kOrders)).error().kind, ErrorKind::kAlreadyExists);
  ASSERT_TRUE(catalog_->DropTable(kOrders));
  EXPECT_EQ(catalog_->LoadTable(kOrders).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(catalog_->DropTable(kOrders).error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(*catalog_->ListTables(), ElementsAre(kItems));
}

TEST_F(DirectoryCatalogTest, AllPointersMoveOrNone) {
  const std::string orders = Newest(kOrders);
  const std::string items = Newest(kItems);
  const PointerSwap half[] = {{kOrders, orders, "new-orders"}, {kItems, "stale", "new-items"}};
  EXPECT_EQ(catalog_->Publish(Uuid::Random(), half).error().kind, ErrorKind::kConflict);
  EXPECT_EQ(Newest(kOrders), orders);
  const PointerSwap both[] = {{kOrders, orders, "new-orders"}, {kItems, items, ""}};
  ASSERT_TRUE(catalog_->Publish(Uuid::Random(), both));
  EXPECT_EQ(Newest(kOrders), "new-orders");
  EXPECT_EQ(Newest(kItems), "");
  const PointerSwap created{kItems, "", "items-again"};
  ASSERT_TRUE(catalog_->Publish(Uuid::Random(), {&created, 1}));
  EXPECT_EQ(catalog_->Publish(Uuid::Random(), {&created, 1}).error().kind, ErrorKind::kConflict);
}

}  // namespace
}  // namespace tarn::catalog
