// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/create.h"

#include <gmock/gmock.h>

#include "warehouse/catalogue/alter.h"
#include "warehouse/metastore/grants.h"
#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class CreateTest : public MetastoreTest {
 protected:
  std::string Status(const Definition& definition, const std::string& name,
                     OnExisting on_existing = OnExisting::kFail) {
    const auto outcome = TryCreate(admin_, Must(ParseObjectName(name)), definition, on_existing);
    return outcome ? outcome->status : Told(outcome);
  }
};

TEST_F(CreateTest, ANewAccountHasItsRolesUserAndWarehouse) {
  for (const char* role : {"ACCOUNTADMIN", "SECURITYADMIN", "USERADMIN", "SYSADMIN", "PUBLIC"}) {
    EXPECT_NE(Id("role", role), ObjectId()) << role;
  }
  EXPECT_EQ(Id("role", "ACCOUNTADMIN").value(), kFirstObjectId);
  EXPECT_NE(Id("user", "ADMIN"), ObjectId());
  EXPECT_NE(Id("warehouse", "COMPUTE_WH"), ObjectId());
}

TEST_F(CreateTest, StatusTexts) {
  EXPECT_EQ(Status(Database{}, "retail"), "Database RETAIL successfully created.");
  admin_.database = "RETAIL";
  EXPECT_EQ(Status(Schema{}, "s"), "Schema S successfully created.");
  admin_.schema = "S";
  EXPECT_EQ(Status(Table{}, "t"), "Table T successfully created.");
  EXPECT_EQ(Status(View{}, "v"), "View V successfully created.");
  EXPECT_EQ(Status(Stage{}, "st"), "Stage area ST successfully created.");
  EXPECT_EQ(Status(StorageIntegration{}, "i"), "Integration I successfully created.");
  EXPECT_EQ(Status(Table{}, "t", OnExisting::kKeep), "T already exists, statement succeeded.");
  EXPECT_EQ(Status(Table{}, "\"t\""), "Table t successfully created.");
}

TEST_F(CreateTest, ADatabaseHasItsSchemas) {
  const ObjectId database = Create(admin_, "shop", Database{});
  EXPECT_NE(Id("schema", "PUBLIC", database), ObjectId());
  EXPECT_NE(Id("schema", "INFORMATION_SCHEMA", database), ObjectId());
  EXPECT_THAT(Status(Table{}, "shop.information_schema.t"), StartsWith("003001 (42501)"));
}

TEST_F(CreateTest, NamesNeedAPlace) {
  EXPECT_EQ(Status(Table{}, "t"),
            "090105 (22000): Cannot perform CREATE TABLE. This session does not have a current "
            "database. Call 'USE DATABASE', or use a qualified name.");
  Create(admin_, "shop", Database{});
  admin_.database = "SHOP";
  EXPECT_EQ(Status(Table{}, "t"),
            "090106 (22000): Cannot perform CREATE TABLE. This session does not have a current "
            "schema. Call 'USE SCHEMA', or use a qualified name.");
  EXPECT_EQ(Status(Table{}, "nowhere.public.t"),
            "002003 (02000): SQL compilation error:\nDatabase 'NOWHERE' does not exist or not "
            "authorized.");
  EXPECT_EQ(Status(Table{}, "shop.nowhere.t"),
            "002003 (02000): SQL compilation error:\nSchema 'SHOP.NOWHERE' does not exist or not "
            "authorized.");
  EXPECT_EQ(Status(Table{}, "public.t"), "Table T successfully created.");
}

TEST_F(CreateTest, NamesAreUniqueAmongTheirFamily) {
  MakeShop();
  Create(admin_, "x", Table{});
  EXPECT_EQ(Status(Table{}, "x"),
            "002002 (42710): SQL compilation error:\nObject 'X' already exists.");
  EXPECT_THAT(Status(View{}, "x"), StartsWith("002002"));
  EXPECT_THAT(Status(View{}, "x", OnExisting::kReplace), StartsWith("002203"));
  // Other kinds have names of their own, and so have integrations all together.
  EXPECT_EQ(Status(Sequence{}, "x"), "Sequence X successfully created.");
  Create(admin_, "i", StorageIntegration{});
  EXPECT_THAT(Status(CatalogIntegration{}, "i"), StartsWith("002002"));
}

TEST_F(CreateTest, OverloadsAreToldApartByTheirSignature) {
  MakeShop();
  for (const char* signature : {"()", "(NUMBER)"}) {
    EXPECT_TRUE(TryCreate(admin_, {.name = "P", .signature = signature}, Procedure{}));
  }
  EXPECT_EQ(Told(TryCreate(admin_, {.name = "P", .signature = "()"}, Procedure{})),
            "002002 (42710): SQL compilation error:\nObject 'P()' already exists.");
}

TEST_F(CreateTest, ReplacingGivesANewObjectAndKeepsTheOldForUndrop) {
  MakeShop();
  const ObjectId before = Create(admin_, "t", Table{.cluster_by = "(A)"});
  const auto outcome = Must(TryCreate(admin_, {.name = "T"}, Table{}, OnExisting::kReplace));
  EXPECT_EQ(outcome.result, CreateResult::kReplaced);
  EXPECT_EQ(outcome.replaced->id, before);
  EXPECT_GT(outcome.id, before);
  const auto snapshot = Must(metastore_->Read());
  EXPECT_EQ(Must(snapshot->FindHead(before))->dropped_ms, kTestNowMs);
  EXPECT_EQ(Must(snapshot->Find<Table>(outcome.id))->cluster_by, "");
}

TEST_F(CreateTest, CopyGrantsTakesThemAlong) {
  MakeShop();
  const ObjectId before = Create(admin_, "t", Table{});
  const ObjectId everybody = Id("role", "PUBLIC");
  Must(Change([&](Transaction& transaction) {
    return AddGrant(transaction, {.object = before, .privilege = "SELECT", .grantee = everybody});
  }));
  ObjectId after;
  Must(Change([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const auto outcome, CreateObject(transaction, admin_,
                                                      {.name = {.name = "T"},
                                                       .definition = Table{},
                                                       .on_existing = OnExisting::kReplace,
                                                       .copy_grants = true}));
    after = outcome.id;
    return {};
  }));
  const auto grants = Must(GrantsOn(*Must(metastore_->Read()), after));
  ASSERT_EQ(grants.size(), 1U);
  EXPECT_EQ(grants[0].privilege, "SELECT");
}

TEST_F(CreateTest, AlteringKeepsTheObject) {
  MakeShop();
  const ObjectId before = Create(admin_, "t", Table{});
  const auto outcome =
      Must(TryCreate(admin_, {.name = "T"}, Table{.cluster_by = "(A)"}, OnExisting::kAlter));
  EXPECT_EQ(outcome.id, before);
  EXPECT_EQ(outcome.result, CreateResult::kAltered);
  EXPECT_EQ(Must(Must(metastore_->Read())->Find<Table>(before))->cluster_by, "(A)");
}

TEST_F(CreateTest, StagesAskTheirIntegration) {
  MakeShop();
  const ObjectId postgres =
      Create(admin_, "pg",
             StorageIntegration{.type = "POSTGRES_EXTERNAL_STORAGE", .allowed_locations = {"*"}});
  const ObjectId files =
      Create(admin_, "files",
             StorageIntegration{.allowed_locations = {"s3://lake/in/", "s3://lake/one"},
                                .blocked_locations = {"s3://lake/in/secret"}});
  EXPECT_THAT(Status(Stage{.url = "s3://lake/in/", .storage_integration = postgres}, "a"),
              HasSubstr("not a storage integration of type EXTERNAL_STAGE"));
  const auto stage = [&](const char* url) {
    return Status(Stage{.url = url, .storage_integration = files}, "st", OnExisting::kReplace);
  };
  EXPECT_THAT(stage("s3://lake/in/x"), HasSubstr("successfully created"));
  EXPECT_THAT(stage("s3://lake/one"), HasSubstr("successfully created"));
  EXPECT_THAT(stage("s3://lake/inside"), HasSubstr("is not allowed by integration 'FILES'"));
  EXPECT_THAT(stage("s3://lake/one2"), HasSubstr("is not allowed"));
  EXPECT_THAT(stage("s3://lake/in/secret/x"), HasSubstr("is not allowed"));
  EXPECT_THAT(stage("s3://lake/in/secrets"), HasSubstr("successfully created"));
}

TEST_F(CreateTest, InstancesAskForTheirKindOfIntegration) {
  const ObjectId files = Create(admin_, "files", StorageIntegration{});
  PostgresInstance instance{.compute_family = "STANDARD_M", .storage_size_gb = 50};
  instance.storage_integration = files;
  EXPECT_EQ(Status(instance, "pg"),
            "001008 (22023): SQL compilation error:\ninvalid value [FILES] for parameter "
            "'STORAGE_INTEGRATION (must be of type POSTGRES_EXTERNAL_STORAGE)'");
  instance.storage_integration.reset();
  instance.storage_size_gb = 9;
  EXPECT_THAT(Status(instance, "pg"), HasSubstr("'STORAGE_SIZE_GB'"));
  instance.storage_size_gb = 10;
  EXPECT_EQ(Status(instance, "pg"), "Postgres instance PG successfully created.");
}

TEST_F(CreateTest, TasksCheckTheirGraph) {
  MakeShop();
  const ObjectId root = Create(admin_, "root", Task{.schedule = "2 MINUTES"});
  EXPECT_THAT(Status(Task{.schedule = "1 MINUTE", .predecessors = {root}}, "child"),
              HasSubstr("both a schedule and a predecessor"));
  EXPECT_THAT(Status(Task{.predecessors = {ObjectId(99'999)}}, "child"), StartsWith("002003"));
  EXPECT_EQ(Status(Task{.predecessors = {root}}, "child"), "Task CHILD successfully created.");
  EXPECT_THAT(Status(DynamicTable{}, "d"), StartsWith("002029 (42601)"));
}

TEST_F(CreateTest, AFailedStatementLeavesNothing) {
  MakeShop();
  const int64_t version = metastore_->version();
  const auto failed = Change([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_TRY(
        CreateObject(transaction, admin_, {.name = {.name = "ONE"}, .definition = Table{}}));
    STATEMENT_TRY(
        CreateObject(transaction, admin_, {.name = {.name = "ONE"}, .definition = Table{}}));
    return {};
  });
  EXPECT_THAT(Told(failed), StartsWith("002002"));
  EXPECT_EQ(metastore_->version(), version);
  EXPECT_EQ(Id("relation", "ONE", Id("schema", "S", Id("database", "SHOP"))), ObjectId());
}

TEST_F(CreateTest, SequencesGiveEveryValueOnce) {
  MakeShop();
  const ObjectId sequence = Create(admin_, "q", Sequence{.next_value = 5, .increment = -2});
  const auto take = [&](int64_t count) {
    return Change(
        [&](Transaction& transaction) { return TakeSequenceValues(transaction, sequence, count); });
  };
  EXPECT_EQ(Must(take(1)), 5);
  EXPECT_EQ(Must(take(3)), 3);
  EXPECT_EQ(Must(take(1)), -3);
  EXPECT_THAT(Told(take(INT64_MAX)), StartsWith("100097"));
  EXPECT_THAT(Status(Sequence{.increment = 0}, "zero"), StartsWith("002216"));
}

TEST(ParseObjectNameTest, FoldsWhatIsNotQuoted) {
  const auto written = [](std::string_view text) {
    const auto name = ParseObjectName(text);
    return name ? name->Written() : "error";
  };
  EXPECT_EQ(written("a.b.c"), "A.B.C");
  EXPECT_EQ(written("\"a\".b.\"c.d\""), "a.B.c.d");
  EXPECT_EQ(written("\"a\"\"b\""), "a\"b");
  for (const char* bad : {"", "a.", ".a", "\"a", "a.b.c.d", "\"\""}) {
    EXPECT_EQ(written(bad), "error") << bad;
  }
}

}  // namespace
}  // namespace tarn::warehouse
