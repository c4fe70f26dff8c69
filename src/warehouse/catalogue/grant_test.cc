// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/grant.h"

#include <gmock/gmock.h>

#include "warehouse/catalogue/alter.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/drop.h"
#include "warehouse/catalogue/ownership.h"
#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class GrantTest : public MetastoreTest {
 protected:
  GrantTest() {
    MakeShop();
    Create(admin_, "analyst", Role{});
    Create(admin_, "boss", Role{});
    table_ = Create(admin_, "t", Table{});
  }

  Caller In(std::string_view role) {
    Caller caller = As(role);
    caller.user = ObjectId();
    return caller;
  }
  std::string Grant(const Caller& by, std::vector<std::string> privileges, GrantTarget target,
                    const std::string& role, bool option = false) {
    return Told(Change([&](Transaction& transaction) {
      return GrantPrivileges(transaction, by,
                             {.privileges = std::move(privileges),
                              .target = std::move(target),
                              .role = role,
                              .with_grant_option = option});
    }));
  }
  std::string Revoke(const Caller& by, std::vector<std::string> privileges, GrantTarget target,
                     const std::string& role, bool option = false) {
    return Told(Change([&](Transaction& transaction) {
      return RevokePrivileges(transaction, by,
                              {.privileges = std::move(privileges),
                               .target = std::move(target),
                               .role = role,
                               .with_grant_option = option});
    }));
  }
  std::string GiveRole(const std::string& role, const std::string& grantee, bool to_user = false) {
    return Told(Change([&](Transaction& transaction) {
      return GrantRole(transaction, admin_, {.role = role, .grantee = grantee, .to_user = to_user});
    }));
  }
  std::string Require(const Caller& caller, ObjectId object, std::string_view privilege) {
    const auto snapshot = Must(metastore_->Read());
    return Told(RequirePrivilege(*snapshot, caller, *Must(snapshot->FindHead(object)), privilege));
  }
  bool Finds(const Caller& caller, const std::string& name) {
    const auto snapshot = Must(metastore_->Read());
    const Authority authority = *Authority::Of(*snapshot, caller);
    return Resolve(*snapshot, caller, authority, ObjectKind::kTable, Must(ParseObjectName(name)),
                   "")
        .has_value();
  }
  void LetIn(const std::string& role) {
    EXPECT_EQ(Grant(admin_, {"USAGE"}, kDatabase, role), "ok");
    EXPECT_EQ(Grant(admin_, {"USAGE"}, kSchema, role), "ok");
  }

  const GrantTarget kDatabase = OnObject{ObjectKind::kDatabase, {.name = "SHOP"}};
  const GrantTarget kSchema = OnObject{ObjectKind::kSchema, {.database = "SHOP", .name = "S"}};
  const GrantTarget kTable = OnObject{ObjectKind::kTable, {.name = "T"}};
  ObjectId table_;
};

TEST_F(GrantTest, WithoutAPrivilegeAnObjectDoesNotExist) {
  const Caller analyst = In("ANALYST");
  EXPECT_FALSE(Finds(analyst, "shop.s.t"));
  EXPECT_THAT(Require(analyst, table_, kSelect), StartsWith("002003 (42S02)"));
  EXPECT_EQ(Grant(admin_, {"SELECT"}, kTable, "ANALYST"), "ok");
  // It takes the database and the schema too.
  EXPECT_FALSE(Finds(analyst, "shop.s.t"));
  LetIn("ANALYST");
  EXPECT_TRUE(Finds(analyst, "shop.s.t"));
  EXPECT_EQ(Require(analyst, table_, kSelect), "ok");
  EXPECT_EQ(Require(analyst, table_, kInsert),
            "003001 (42501): SQL access control error:\nInsufficient privileges to operate on "
            "table 'T'.");
  EXPECT_EQ(Revoke(admin_, {"SELECT"}, kTable, "ANALYST"), "ok");
  EXPECT_FALSE(Finds(analyst, "shop.s.t"));
}

TEST_F(GrantTest, RolesInherit) {
  EXPECT_EQ(Grant(admin_, {"SELECT"}, kTable, "ANALYST"), "ok");
  EXPECT_THAT(Require(In("BOSS"), table_, kSelect), StartsWith("002003"));
  EXPECT_EQ(GiveRole("ANALYST", "BOSS"), "ok");
  EXPECT_EQ(Require(In("BOSS"), table_, kSelect), "ok");
  EXPECT_THAT(GiveRole("BOSS", "ANALYST"), HasSubstr("create a cycle"));
  EXPECT_THAT(GiveRole("BOSS", "BOSS"), HasSubstr("create a cycle"));
  Must(Change([&](Transaction& transaction) {
    return RevokeRole(transaction, admin_, {.role = "ANALYST", .grantee = "BOSS"});
  }));
  EXPECT_THAT(Require(In("BOSS"), table_, kSelect), StartsWith("002003"));
}

TEST_F(GrantTest, EverybodyHasPublic) {
  EXPECT_EQ(Grant(admin_, {"SELECT"}, kTable, "PUBLIC"), "ok");
  EXPECT_EQ(Require(In("BOSS"), table_, kSelect), "ok");
}

TEST_F(GrantTest, SecondaryRolesCountButNotForCreating) {
  Create(admin_, "eve", User{.login_name = "EVE"});
  EXPECT_EQ(GiveRole("ANALYST", "EVE", true), "ok");
  EXPECT_EQ(Grant(admin_, {"SELECT"}, kTable, "ANALYST"), "ok");
  LetIn("ANALYST");
  EXPECT_EQ(Grant(admin_, {"CREATE TABLE"}, kSchema, "ANALYST"), "ok");
  Caller eve = In("PUBLIC");
  eve.user = Id("user", "EVE");
  EXPECT_THAT(Require(eve, table_, kSelect), StartsWith("002003"));
  eve.all_secondary_roles = true;
  EXPECT_EQ(Require(eve, table_, kSelect), "ok");
  EXPECT_THAT(Told(TryCreate(eve, {.name = "NEW"}, Table{})), StartsWith("002003"));
  eve.role = Id("role", "ANALYST");
  EXPECT_EQ(Told(TryCreate(eve, {.name = "NEW"}, Table{})), "ok");
}

TEST_F(GrantTest, CreatingTakesItsPrivilegeAndGivesOwnership) {
  LetIn("ANALYST");
  Caller analyst = In("ANALYST");
  EXPECT_EQ(Told(TryCreate(analyst, {.name = "MINE"}, Table{})),
            "003001 (42501): SQL access control error:\nInsufficient privileges to operate on "
            "schema 'S'.");
  EXPECT_EQ(Grant(admin_, {"CREATE TABLE"}, kSchema, "ANALYST"), "ok");
  const auto made = Must(TryCreate(analyst, {.name = "MINE"}, Table{}));
  for (const std::string_view privilege : {kSelect, kInsert, kOwnership}) {
    EXPECT_EQ(Require(analyst, made.id, privilege), "ok") << privilege;
  }
  EXPECT_THAT(Told(TryCreate(analyst, {.name = "V"}, View{})), StartsWith("003001"));
  EXPECT_THAT(Told(TryCreate(analyst, {.name = "W"}, VirtualWarehouse{})), StartsWith("003001"));
}

TEST_F(GrantTest, OnlyWhoMayGrantGrants) {
  LetIn("ANALYST");
  EXPECT_EQ(Grant(admin_, {"SELECT"}, kTable, "ANALYST"), "ok");
  LetIn("BOSS");
  const Caller analyst = In("ANALYST");
  EXPECT_THAT(Grant(analyst, {"SELECT"}, kTable, "BOSS"), StartsWith("003001"));
  EXPECT_EQ(Grant(admin_, {"SELECT"}, kTable, "ANALYST", true), "ok");
  EXPECT_EQ(Grant(analyst, {"SELECT"}, kTable, "BOSS"), "ok");
  EXPECT_THAT(Grant(analyst, {"INSERT"}, kTable, "BOSS"), StartsWith("003001"));
  // What was granted with the option is in its way.
  EXPECT_THAT(Revoke(admin_, {"SELECT"}, kTable, "ANALYST", true), StartsWith("003036"));
  EXPECT_THAT(Revoke(In("BOSS"), {"SELECT"}, kTable, "ANALYST"), StartsWith("003103"));
  EXPECT_EQ(Revoke(analyst, {"SELECT"}, kTable, "BOSS"), "ok");
  EXPECT_EQ(Revoke(admin_, {"SELECT"}, kTable, "ANALYST", true), "ok");
  EXPECT_THAT(Grant(analyst, {"SELECT"}, kTable, "BOSS"), StartsWith("003001"));
  EXPECT_EQ(Require(analyst, table_, kSelect), "ok");
}

TEST_F(GrantTest, ManagedAccessLeavesItToTheSchemasOwner) {
  Must(Change([&](Transaction& transaction) {
    return Alter<Schema>(transaction, admin_, {.name = {.name = "S"}},
                         [](Schema& schema) -> StatementResult<> {
                           schema.managed_access = true;
                           return {};
                         });
  }));
  LetIn("ANALYST");
  EXPECT_EQ(Grant(admin_, {"CREATE TABLE"}, kSchema, "ANALYST"), "ok");
  Must(TryCreate(In("ANALYST"), {.name = "MINE"}, Table{}));
  const OnObject mine{ObjectKind::kTable, {.name = "MINE"}};
  EXPECT_THAT(Grant(In("ANALYST"), {"SELECT"}, mine, "BOSS"), StartsWith("003001"));
  EXPECT_EQ(Grant(admin_, {"SELECT"}, mine, "BOSS"), "ok");
}

TEST_F(GrantTest, FutureGrantsWaitForNewObjects) {
  LetIn("ANALYST");
  const ObjectName schema{.database = "SHOP", .name = "S"};
  const OnContents tables{ObjectKind::kTable, true, ObjectKind::kSchema, schema};
  EXPECT_EQ(Grant(admin_, {"SELECT", "INSERT"}, tables, "ANALYST"), "ok");
  EXPECT_THAT(Require(In("ANALYST"), table_, kSelect), StartsWith("002003"));
  const ObjectId later = Create(admin_, "later", Table{});
  EXPECT_EQ(Require(In("ANALYST"), later, kInsert), "ok");
  // Those of the schema hide those of the database.
  const OnContents in_database{ObjectKind::kTable, true, ObjectKind::kDatabase, {.name = "SHOP"}};
  EXPECT_EQ(Grant(admin_, {"SELECT"}, in_database, "BOSS"), "ok");
  EXPECT_THAT(Require(In("BOSS"), Create(admin_, "l2", Table{}), kSelect), StartsWith("002003"));
  EXPECT_EQ(Require(In("BOSS"), Create(admin_, "public.l3", Table{}), kSelect), "ok");
  EXPECT_EQ(Revoke(admin_, {"SELECT", "INSERT"}, tables, "ANALYST"), "ok");
  EXPECT_THAT(Require(In("ANALYST"), Create(admin_, "l4", Table{}), kSelect), StartsWith("002003"));
  EXPECT_THAT(Grant(In("ANALYST"), {"SELECT"}, tables, "ANALYST"), StartsWith("003001"));
}

TEST_F(GrantTest, AllInASchema) {
  Create(admin_, "u", Table{});
  Create(admin_, "v", View{});
  const OnContents all{ObjectKind::kTable, false, ObjectKind::kDatabase, {.name = "SHOP"}};
  EXPECT_EQ(Grant(admin_, {"SELECT"}, all, "ANALYST"), "ok");
  const ObjectId schema = Id("schema", "S", Id("database", "SHOP"));
  EXPECT_EQ(Require(In("ANALYST"), Id("relation", "U", schema), kSelect), "ok");
  EXPECT_THAT(Require(In("ANALYST"), Id("relation", "V", schema), kSelect), StartsWith("002003"));
}

TEST_F(GrantTest, KindsKnowTheirPrivileges) {
  EXPECT_THAT(Grant(admin_, {"OPERATE"}, kTable, "ANALYST"), StartsWith("003008"));
  EXPECT_THAT(Grant(admin_, {"SELECT"}, kTable, "NOBODY"), StartsWith("002003"));
  for (const KindFacts& facts : kKinds) {
    for (const std::string_view privilege : PrivilegesOn(facts.kind)) {
      EXPECT_TRUE(IsPrivilegeOn(facts.kind, privilege)) << facts.sql << " " << privilege;
    }
    EXPECT_FALSE(IsPrivilegeOn(facts.kind, "NONSENSE"));
  }
}

TEST_F(GrantTest, OwnershipMoves) {
  LetIn("ANALYST");
  EXPECT_EQ(Grant(admin_, {"SELECT"}, kTable, "BOSS"), "ok");
  const auto give = [&](CurrentGrants current) {
    return Told(Change([&](Transaction& transaction) {
      return GrantOwnership(transaction, admin_,
                            {.target = kTable, .role = "ANALYST", .current_grants = current});
    }));
  };
  EXPECT_THAT(give(CurrentGrants::kMustBeNone), StartsWith("003036"));
  EXPECT_EQ(give(CurrentGrants::kCopy), "ok");
  EXPECT_EQ(Require(In("ANALYST"), table_, kOwnership), "ok");
  EXPECT_EQ(Require(In("BOSS"), table_, kSelect), "ok");
  EXPECT_EQ(give(CurrentGrants::kRevoke), "ok");
  EXPECT_THAT(Require(In("BOSS"), table_, kSelect), StartsWith("002003"));
  // The administrator has no role that owns it, but may manage grants.
  EXPECT_THAT(Require(admin_, table_, kSelect), StartsWith("003001"));
}

/// Who can do what on a new account, as Snowflake's documentation tells of the system roles.
TEST_F(GrantTest, SystemRoles) {
  struct Case {
    const char* role;
    std::string_view privilege;
    bool has;
  };
  const std::vector<Case> cases = {
      {"ACCOUNTADMIN", "CREATE DATABASE", true},    {"ACCOUNTADMIN", kManageGrants, true},
      {"ACCOUNTADMIN", "CREATE INTEGRATION", true}, {"ACCOUNTADMIN", "CREATE USER", true},
      {"SYSADMIN", "CREATE DATABASE", true},        {"SYSADMIN", "CREATE WAREHOUSE", true},
      {"SYSADMIN", kManageGrants, false},           {"SYSADMIN", "CREATE USER", false},
      {"SYSADMIN", "CREATE INTEGRATION", false},    {"SECURITYADMIN", kManageGrants, true},
      {"SECURITYADMIN", "CREATE USER", true},       {"SECURITYADMIN", "CREATE ROLE", true},
      {"SECURITYADMIN", "CREATE DATABASE", false},  {"USERADMIN", "CREATE USER", true},
      {"USERADMIN", "CREATE ROLE", true},           {"USERADMIN", kManageGrants, false},
      {"PUBLIC", "CREATE DATABASE", false},         {"PUBLIC", "CREATE USER", false}};
  const auto snapshot = Must(metastore_->Read());
  for (const Case& test : cases) {
    const Authority authority = *Authority::Of(*snapshot, In(test.role));
    EXPECT_EQ(authority.RequireOnAccount(test.privilege).has_value(), test.has)
        << test.role << " " << test.privilege;
  }
  const auto warehouse = *Must(snapshot->FindHead(Id("warehouse", "COMPUTE_WH")));
  EXPECT_TRUE(RequirePrivilege(*snapshot, In("PUBLIC"), warehouse, kUsage));
  EXPECT_FALSE(RequirePrivilege(*snapshot, In("PUBLIC"), warehouse, kOperate));
}

TEST_F(GrantTest, ASnapshotKeepsItsRoles) {
  EXPECT_EQ(Grant(admin_, {"SELECT"}, kTable, "ANALYST"), "ok");
  const auto before = Must(metastore_->Read());
  EXPECT_EQ(GiveRole("ANALYST", "BOSS"), "ok");
  const ObjectHead head = *Must(before->FindHead(table_));
  EXPECT_EQ(Require(In("BOSS"), table_, kSelect), "ok");
  EXPECT_FALSE(RequirePrivilege(*before, In("BOSS"), head, kSelect));
}

}  // namespace
}  // namespace tarn::warehouse
