// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/drop.h"

#include <gmock/gmock.h>

#include "warehouse/catalogue/alter.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr int64_t kDayMs = 86'400'000;

class DropTest : public MetastoreTest {
 protected:
  DropTest() { MakeShop(); }

  StatementResult<DropOutcome> Drop(ObjectKind kind, const std::string& name,
                                    DropBehaviour behaviour = DropBehaviour::kCascade,
                                    bool if_exists = false) {
    return Change([&](Transaction& transaction) {
      return DropObject(transaction, admin_,
                        {.kind = kind,
                         .name = Must(ParseObjectName(name)),
                         .if_exists = if_exists,
                         .behaviour = behaviour});
    });
  }
  StatementResult<std::string> Undrop(ObjectKind kind, const std::string& name) {
    return Change([&](Transaction& transaction) {
      return UndropObject(transaction, admin_, kind, Must(ParseObjectName(name)));
    });
  }
  StatementResult<bool> Rename(ObjectKind kind, const std::string& from, const std::string& to) {
    return Change([&](Transaction& transaction) {
      return RenameObject(transaction, admin_, {.kind = kind, .name = Must(ParseObjectName(from))},
                          Must(ParseObjectName(to)));
    });
  }
  ObjectId Find(ObjectKind kind, const std::string& name) {
    const auto snapshot = Must(metastore_->Read());
    const Authority authority = *Authority::Of(*snapshot, admin_);
    const auto head = Resolve(*snapshot, admin_, authority, kind, Must(ParseObjectName(name)), "");
    return head ? head->id : ObjectId();
  }
};

TEST_F(DropTest, StatusAndErrors) {
  Create(admin_, "t", Table{});
  EXPECT_EQ(Must(Drop(ObjectKind::kTable, "t")).status, "T successfully dropped.");
  EXPECT_EQ(Told(Drop(ObjectKind::kTable, "t")),
            "002003 (42S02): SQL compilation error:\nTable 'T' does not exist or not authorized.");
  EXPECT_EQ(Must(Drop(ObjectKind::kTable, "t", DropBehaviour::kCascade, true)).status,
            "Drop statement executed successfully (T already dropped).");
  EXPECT_THAT(Told(Drop(ObjectKind::kDatabase, "no")), StartsWith("002003 (02000)"));
  Create(admin_, "v", View{});
  EXPECT_THAT(Told(Drop(ObjectKind::kTable, "v")),
              HasSubstr("Object found is of type 'VIEW', not specified type 'TABLE'."));
}

TEST_F(DropTest, UndropBringsTheNewestBack) {
  const ObjectId first = Create(admin_, "t", Table{});
  Must(Drop(ObjectKind::kTable, "t"));
  clock_.Advance(1000);
  const ObjectId second = Create(admin_, "t", Table{});
  EXPECT_THAT(Told(Undrop(ObjectKind::kTable, "t")), StartsWith("002002"));
  Must(Drop(ObjectKind::kTable, "t"));
  EXPECT_EQ(Must(Undrop(ObjectKind::kTable, "t")), "Table T successfully restored.");
  EXPECT_EQ(Find(ObjectKind::kTable, "t"), second);
  Must(Rename(ObjectKind::kTable, "t", "u"));
  Must(Undrop(ObjectKind::kTable, "t"));
  EXPECT_EQ(Find(ObjectKind::kTable, "t"), first);
}

TEST_F(DropTest, UndropEndsWithTheRetention) {
  Create(admin_, "t", Table{});
  Must(Drop(ObjectKind::kTable, "t"));
  clock_.Advance(kDayMs);
  EXPECT_THAT(Told(Undrop(ObjectKind::kTable, "t")), StartsWith("002003"));
  Must(Change([&](Transaction& transaction) {
    return SetParameterOf(transaction, admin_, {.kind = ObjectKind::kSchema, .name = {.name = "S"}},
                          kRetentionParameter, "2");
  }));
  Must(Undrop(ObjectKind::kTable, "t"));
}

TEST_F(DropTest, AContainerTakesItsContentsAndBringsThemBack) {
  const ObjectId kept = Create(admin_, "kept", Table{});
  Create(admin_, "gone", Table{});
  Must(Drop(ObjectKind::kTable, "gone"));
  Must(Drop(ObjectKind::kDatabase, "shop"));
  EXPECT_EQ(Find(ObjectKind::kTable, "shop.s.kept"), ObjectId());
  EXPECT_FALSE(Must(Must(metastore_->Read())->IsAlive(kept)));
  // The name is free.
  Create(admin_, "shop", Database{});
  Must(Drop(ObjectKind::kDatabase, "shop"));
  clock_.Advance(10);
  Must(Undrop(ObjectKind::kDatabase, "shop"));
  EXPECT_EQ(Find(ObjectKind::kTable, "shop.s.kept"), ObjectId());  // the second, an empty one
  Must(Rename(ObjectKind::kDatabase, "shop", "second"));
  Must(Undrop(ObjectKind::kDatabase, "shop"));
  EXPECT_EQ(Find(ObjectKind::kTable, "shop.s.kept"), kept);
  EXPECT_EQ(Find(ObjectKind::kTable, "shop.s.gone"), ObjectId());
}

TEST_F(DropTest, KindsWithoutUndropAreErased) {
  const ObjectId view = Create(admin_, "v", View{});
  Must(Drop(ObjectKind::kView, "v"));
  EXPECT_FALSE(Must(Must(metastore_->Read())->FindHead(view)));
  EXPECT_THAT(Told(Undrop(ObjectKind::kView, "v")), StartsWith("002003"));
}

TEST_F(DropTest, IdsAreNeverReused) {
  ObjectId last;
  for (int i = 0; i < 3; ++i) {
    const ObjectId id = Create(admin_, "v", View{});
    EXPECT_GT(id, last);
    last = id;
    Must(Drop(ObjectKind::kView, "v"));
    Reopen();
    admin_.database = "SHOP";
    admin_.schema = "S";
  }
}

TEST_F(DropTest, SystemObjectsStay) {
  EXPECT_THAT(Told(Drop(ObjectKind::kRole, "sysadmin")), StartsWith("003001"));
  EXPECT_THAT(Told(Drop(ObjectKind::kSchema, "information_schema")), StartsWith("003001"));
  EXPECT_THAT(Told(Rename(ObjectKind::kRole, "public", "p")), StartsWith("003001"));
}

TEST_F(DropTest, WhatIsInUseStays) {
  const ObjectId rule = Create(admin_, "r", NetworkRule{});
  const ObjectId policy = Create(admin_, "p", NetworkPolicy{.allowed_rules = {rule}});
  EXPECT_THAT(Told(Drop(ObjectKind::kNetworkRule, "r")), HasSubstr("NETWORK POLICY P"));
  EXPECT_THAT(Told(Drop(ObjectKind::kDatabase, "shop")), StartsWith("098507 (2BP01)"));
  EXPECT_THAT(Told(Drop(ObjectKind::kSchema, "s")), StartsWith("098508 (2BP01)"));
  PostgresInstance instance;
  instance.network_policy = policy;
  Create(admin_, "pg", instance);
  EXPECT_THAT(Told(Drop(ObjectKind::kNetworkPolicy, "p")), HasSubstr("POSTGRES INSTANCE PG"));
  EXPECT_FALSE(TryCreate(admin_, {.name = "P"}, NetworkPolicy{}, OnExisting::kReplace));
  Must(Drop(ObjectKind::kPostgresInstance, "pg"));
  Must(Drop(ObjectKind::kNetworkPolicy, "p"));
  Must(Drop(ObjectKind::kDatabase, "shop"));
}

TEST_F(DropTest, VolumesAndCatalogsOfLivingTablesStay) {
  const ObjectId volume =
      Create(admin_, "vol", ExternalVolume{.locations = {{.name = "a", .base_url = "s3://b/"}}});
  const ObjectId catalog = Create(admin_, "cat", CatalogIntegration{});
  Create(admin_, "t",
         Table{.kind = TableKind::kExternalMetadata,
               .declared_iceberg = true,
               .external_volume = volume,
               .catalog = catalog});
  EXPECT_THAT(Told(Drop(ObjectKind::kExternalVolume, "vol")), HasSubstr("TABLE SHOP.S.T"));
  EXPECT_FALSE(TryCreate(admin_, {.name = "CAT"}, CatalogIntegration{}, OnExisting::kReplace));
  Must(Drop(ObjectKind::kTable, "t"));
  Must(Drop(ObjectKind::kExternalVolume, "vol"));
  Must(Drop(ObjectKind::kCatalogIntegration, "cat"));
}

TEST_F(DropTest, RestrictLooksForForeignKeysFromOutside) {
  const ObjectId parent = Create(admin_, "parent", Table{});
  const Constraint key{.kind = ConstraintKind::kForeignKey, .referenced_table = parent};
  Create(admin_, "child", Table{.constraints = {key}});
  EXPECT_THAT(Told(Drop(ObjectKind::kTable, "parent", DropBehaviour::kRestrict)),
              HasSubstr("SHOP.S.CHILD"));
  // From inside of the schema it goes with it.
  Must(Drop(ObjectKind::kSchema, "s", DropBehaviour::kRestrict));
  Must(Undrop(ObjectKind::kSchema, "s"));
  Must(Drop(ObjectKind::kTable, "parent"));
}

TEST_F(DropTest, ATaskLeavesItsChildrenWithoutIt) {
  const ObjectId root = Create(admin_, "root", Task{.schedule = "1 MINUTE"});
  const ObjectId other = Create(admin_, "other", Task{.schedule = "1 MINUTE"});
  const ObjectId child = Create(admin_, "child", Task{.predecessors = {root, other}});
  Must(Drop(ObjectKind::kTask, "root"));
  EXPECT_EQ(Must(Must(metastore_->Read())->Find<Task>(child))->predecessors, std::vector{other});
}

TEST_F(DropTest, ObjectsOfADroppedRoleBecomeTheDroppers) {
  const ObjectId role = Create(admin_, "r", Role{});
  Must(Change([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_TRY(transaction.Insert({.name = "W", .owner = role}, VirtualWarehouse{}));
    return {};
  }));
  Must(Drop(ObjectKind::kRole, "r"));
  const auto warehouse = Must(Must(metastore_->Read())->FindHead(Id("warehouse", "W")));
  EXPECT_EQ(warehouse->owner, admin_.role);
}

TEST_F(DropTest, PurgingErasesWhatNobodyCanUndrop) {
  const ObjectId table = Create(admin_, "t", Table{});
  const Uuid uuid = Uuid::Random();
  Must(Change([&](Transaction& transaction) {
    return SetPointer(transaction, {.id = table,
                                    .table_uuid = uuid,
                                    .location = "s3://b/t",
                                    .metadata_location = "s3://b/t/m.json"});
  }));
  Must(Drop(ObjectKind::kDatabase, "shop"));
  clock_.Advance(kDayMs - 1);
  EXPECT_THAT(Must(TablesToPurge(*Must(metastore_->Read()))), IsEmpty());
  clock_.Advance(1);
  EXPECT_EQ(Must(TablesToPurge(*Must(metastore_->Read()))).size(), 1U);
  const auto purged =
      Must(Change([](Transaction& transaction) { return PurgeDropped(transaction); }));
  ASSERT_EQ(purged.size(), 1U);
  EXPECT_EQ(purged[0].table_uuid, uuid);
  EXPECT_EQ(purged[0].location, "s3://b/t");
  EXPECT_TRUE(purged[0].managed);
  EXPECT_FALSE(Must(Must(metastore_->Read())->FindHead(table)));
  EXPECT_THAT(Told(Undrop(ObjectKind::kDatabase, "shop")), StartsWith("002003"));
}

TEST_F(DropTest, RenamingMovesBetweenSchemas) {
  const ObjectId table = Create(admin_, "t", Table{});
  Must(Rename(ObjectKind::kTable, "t", "public.u"));
  EXPECT_EQ(Find(ObjectKind::kTable, "shop.public.u"), table);
  Create(admin_, "t", Table{});
  EXPECT_THAT(Told(Rename(ObjectKind::kTable, "t", "shop.public.u")), StartsWith("002002"));
  Must(Rename(ObjectKind::kSchema, "s", "z"));
  EXPECT_NE(Find(ObjectKind::kTable, "z.t"), ObjectId());
}

TEST_F(DropTest, SwappingExchangesNames) {
  const ObjectId one = Create(admin_, "one", Table{});
  const ObjectId other = Create(admin_, "public.other", Table{});
  Must(Change([&](Transaction& transaction) {
    return SwapObjects(transaction, admin_, ObjectKind::kTable, {.name = "ONE"},
                       {.schema = "PUBLIC", .name = "OTHER"});
  }));
  EXPECT_EQ(Find(ObjectKind::kTable, "one"), other);
  EXPECT_EQ(Find(ObjectKind::kTable, "public.other"), one);
  EXPECT_FALSE(Must(Must(metastore_->Read())->FindHead(one))->dropped_ms);
}

TEST_F(DropTest, TagsAreCheckedAndCounted) {
  Create(admin_, "cost", Tag{.allowed_values = {"a", "b"}});
  Create(admin_, "t", Table{});
  const auto set = [&](std::optional<std::string> value) {
    return Told(Change([&](Transaction& transaction) {
      return SetTag(transaction, admin_, {.kind = ObjectKind::kTable, .name = {.name = "T"}}, "",
                    {.name = "COST"}, value);
    }));
  };
  EXPECT_EQ(set("a"), "ok");
  EXPECT_THAT(set("c"), HasSubstr("391814"));
  EXPECT_EQ(set(std::nullopt), "ok");
}

}  // namespace
}  // namespace tarn::warehouse
