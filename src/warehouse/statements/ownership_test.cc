// SPDX-License-Identifier: Apache-2.0
// GRANT OWNERSHIP, GRANT ROLE and grants on the account, as Snowflake's "GRANT OWNERSHIP", "GRANT
// ROLE", "GRANT <privileges>" and behaviour change 2395 say.
#include <gmock/gmock.h>

#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kNotExecuted = "003102 (42501): Grant not executed: Insufficient privileges.";
constexpr const char* kNotRevoked = "003103 (42501): Revoke not executed: Insufficient privileges.";

/// ANN has GIVER, which owns things in D.S, and its child MATE; STRANGER is nobody's she knows.
class OwnershipTest : public SessionTest {
 protected:
  OwnershipTest() {
    Run("CREATE DATABASE d");
    Run("CREATE SCHEMA d.s");
    for (const char* role : {"giver", "mate", "stranger", "third"}) {
      Run(std::string("CREATE ROLE ") + role);
      Run(std::string("GRANT USAGE ON DATABASE d TO ROLE ") + role);
      Run(std::string("GRANT USAGE ON SCHEMA d.s TO ROLE ") + role);
    }
    Run("GRANT CREATE VIEW, CREATE PROCEDURE, CREATE TASK, CREATE SEQUENCE ON SCHEMA d.s "
        "TO ROLE giver");
    Run("GRANT EXECUTE TASK ON ACCOUNT TO ROLE giver");
    Run("CREATE USER ann DEFAULT_ROLE = giver");
    Run("GRANT ROLE giver TO USER ann");
    Run("GRANT ROLE mate TO ROLE giver");
    ann_ = Open({.user = "ann", .database = "d", .schema = "s"});
    Must(Try(*ann_, "USE SECONDARY ROLES NONE"));
    Must(Try(*ann_, "CREATE VIEW v AS SELECT CURRENT_ROLE() AS r"));
    Must(Try(*ann_, "CREATE TASK t WAREHOUSE = COMPUTE_WH SCHEDULE = '1 MINUTE' AS SELECT 1"));
    Must(Try(*ann_,
             "CREATE PROCEDURE p() RETURNS VARCHAR LANGUAGE SQL AS BEGIN RETURN "
             "CURRENT_ROLE(); END"));
  }
  std::string As(const std::string& text) { return Told(Try(*ann_, text)); }
  std::string OwnerOf(const std::string& what, const std::string& name) {
    const Lines lines = Run("SHOW " + what + " LIKE '" + name + "' IN ACCOUNT");
    if (lines.size() != 1) return "none";
    for (const char* role : {"GIVER", "MATE", "STRANGER", "THIRD", "ACCOUNTADMIN"}) {
      if (lines[0].contains(std::string("|") + role + "|")) return role;
    }
    return lines[0];
  }

  std::unique_ptr<Session> ann_;
};

TEST_F(OwnershipTest, GoesToARoleOfTheGiverOnly) {
  for (const auto& [object, domain] : std::vector<std::pair<std::string, std::string>>{
           {"VIEW v", "VIEW"}, {"TASK t", "TASK"}, {"PROCEDURE p()", "PROCEDURE"}}) {
    for (const char* role : {"stranger", "ACCOUNTADMIN"}) {
      EXPECT_EQ(As("GRANT OWNERSHIP ON " + object + " TO ROLE " + role),
                "003001 (42501): SQL compilation error:\n" + domain +
                    " ownership can only be transferred to a role that is activated in the "
                    "current session or by a role with account-level MANAGE GRANTS.")
          << role;
    }
    EXPECT_EQ(As("GRANT OWNERSHIP ON " + object + " TO ROLE mate"), "ok");
  }
  EXPECT_EQ(OwnerOf("VIEWS", "V"), "MATE");
  EXPECT_EQ(OwnerOf("TASKS", "T"), "MATE");
  EXPECT_EQ(As("CALL p()"), "ok");
  // Who manages grants may give anything to anybody.
  Run("GRANT OWNERSHIP ON VIEW d.s.v TO ROLE stranger");
  EXPECT_EQ(OwnerOf("VIEWS", "V"), "STRANGER");
  EXPECT_THAT(As("GRANT OWNERSHIP ON VIEW v TO ROLE giver"), HasSubstr("does not exist"));
}

TEST_F(OwnershipTest, AlsoToARoleThatIsNotActive) {
  Run("GRANT ROLE third TO USER ann");
  EXPECT_EQ(As("GRANT OWNERSHIP ON VIEW v TO ROLE third"), "ok");
  EXPECT_EQ(OwnerOf("VIEWS", "V"), "THIRD");
}

/// The user's other roles are none of an owner's rights.
TEST_F(OwnershipTest, NotThroughAProcedureOfAnother) {
  Run("GRANT ROLE third TO USER ann");
  EXPECT_EQ(As("CREATE PROCEDURE gives() RETURNS VARCHAR LANGUAGE SQL AS BEGIN GRANT OWNERSHIP ON "
               "VIEW d.s.v TO ROLE third; RETURN 1; END"),
            "ok");
  EXPECT_THAT(As("CALL gives()"), HasSubstr("can only be transferred to a role"));
}

TEST_F(OwnershipTest, OthersCannotGive) {
  Run("GRANT SELECT ON VIEW d.s.v TO ROLE stranger");
  Run("CREATE USER eve DEFAULT_ROLE = stranger");
  Run("GRANT ROLE stranger TO USER eve");
  const auto eve = Open({.user = "eve"});
  EXPECT_THAT(Told(Try(*eve, "GRANT OWNERSHIP ON VIEW d.s.v TO ROLE stranger")),
              StartsWith("003001 (42501)"));
}

TEST_F(OwnershipTest, CurrentGrantsAreAnErrorRevokedOrCopied) {
  EXPECT_EQ(As("GRANT SELECT ON VIEW v TO ROLE third WITH GRANT OPTION"), "ok");
  EXPECT_THAT(As("GRANT OWNERSHIP ON VIEW v TO ROLE mate"),
              HasSubstr("Dependent grant of privilege 'SELECT' on securable 'V' to role 'THIRD' "
                        "exists. It must be revoked first."));
  EXPECT_EQ(OwnerOf("VIEWS", "V"), "GIVER");
  EXPECT_EQ(As("GRANT OWNERSHIP ON VIEW v TO ROLE mate COPY CURRENT GRANTS"), "ok");
  // created_on, privilege, granted_on, name, granted_to, grantee_name, grant_option, granted_by
  EXPECT_THAT(Run("SHOW GRANTS ON VIEW d.s.v"),
              testing::Contains(
                  testing::AllOf(HasSubstr("|SELECT|"), HasSubstr("|THIRD|"), HasSubstr("MATE"))));
  EXPECT_EQ(As("GRANT OWNERSHIP ON VIEW v TO ROLE giver REVOKE CURRENT GRANTS"), "ok");
  EXPECT_THAT(Run("SHOW GRANTS ON VIEW d.s.v"),
              testing::Not(testing::Contains(HasSubstr("|SELECT|"))));
}

TEST_F(OwnershipTest, CopyingNeedsTheNewOwnerAmongTheActiveRoles) {
  Run("GRANT ROLE third TO USER ann");
  EXPECT_EQ(As("GRANT SELECT ON VIEW v TO ROLE stranger"), "ok");
  EXPECT_THAT(As("GRANT OWNERSHIP ON VIEW v TO ROLE third COPY CURRENT GRANTS"),
              StartsWith("003001 (42501)"));
  EXPECT_EQ(As("GRANT OWNERSHIP ON VIEW v TO ROLE PUBLIC COPY CURRENT GRANTS"), "ok");
  Run("GRANT OWNERSHIP ON VIEW d.s.v TO ROLE giver COPY CURRENT GRANTS");
  EXPECT_EQ(As("USE SECONDARY ROLES ALL"), "ok");
  EXPECT_EQ(As("GRANT OWNERSHIP ON VIEW v TO ROLE third COPY CURRENT GRANTS"), "ok");
}

TEST_F(OwnershipTest, StartedTasksMustBeSuspendedOrAre) {
  const auto state = [&] {
    const Lines lines = Run("SHOW TASKS LIKE 'T' IN SCHEMA d.s");
    return lines.size() == 1 && lines[0].contains("|started|") ? "started" : "suspended";
  };
  EXPECT_EQ(As("ALTER TASK t RESUME"), "ok");
  EXPECT_EQ(As("GRANT OWNERSHIP ON TASK t TO ROLE mate"),
            "091421 (22000): Unable to update graph with root task D.S.T since that root task is "
            "not suspended.");
  EXPECT_EQ(OwnerOf("TASKS", "T"), "GIVER");
  EXPECT_STREQ(state(), "started");
  EXPECT_EQ(As("GRANT OWNERSHIP ON TASK t TO ROLE giver COPY CURRENT GRANTS"), "ok");
  EXPECT_STREQ(state(), "suspended");
  EXPECT_THAT(Run("SHOW TASKS LIKE 'T' IN SCHEMA d.s"), ElementsAre(HasSubstr("GRANT_OWNERSHIP")));
  EXPECT_EQ(As("ALTER TASK t RESUME"), "ok");
  EXPECT_EQ(As("GRANT OWNERSHIP ON ALL TASKS IN SCHEMA d.s TO ROLE mate"), "ok");
  EXPECT_EQ(OwnerOf("TASKS", "T"), "MATE");
  EXPECT_STREQ(state(), "suspended");
}

TEST_F(OwnershipTest, ATaskThatMovesAloneLeavesItsGraph) {
  EXPECT_EQ(As("CREATE TASK child WAREHOUSE = COMPUTE_WH AFTER t AS SELECT 2"), "ok");
  EXPECT_EQ(As("CREATE TASK grandchild WAREHOUSE = COMPUTE_WH AFTER child AS SELECT 3"), "ok");
  EXPECT_EQ(As("ALTER TASK grandchild RESUME"), "ok");
  EXPECT_EQ(As("GRANT OWNERSHIP ON ALL TASKS IN SCHEMA d.s TO ROLE mate"), "ok");
  EXPECT_THAT(Run("SHOW TASKS LIKE 'CHILD' IN SCHEMA d.s"), ElementsAre(HasSubstr("D.S.T")));
  EXPECT_EQ(As("GRANT OWNERSHIP ON ALL TASKS IN SCHEMA d.s TO ROLE giver"), "ok");
  EXPECT_EQ(As("ALTER TASK grandchild RESUME"), "ok");
  EXPECT_EQ(As("GRANT OWNERSHIP ON TASK child TO ROLE mate"), "ok");
  EXPECT_THAT(Run("SHOW TASKS LIKE 'CHILD' IN SCHEMA d.s"),
              ElementsAre(testing::Not(HasSubstr("D.S.T"))));
  EXPECT_THAT(Run("SHOW TASKS LIKE 'GRANDCHILD' IN SCHEMA d.s"),
              ElementsAre(testing::AllOf(HasSubstr("|suspended|"), HasSubstr("CHILD_BECAME_ROOT"),
                                         testing::Not(HasSubstr("D.S.CHILD")))));
}

TEST_F(OwnershipTest, TasksOfADroppedRoleAreSuspended) {
  EXPECT_EQ(As("ALTER TASK t RESUME"), "ok");
  Run("DROP ROLE giver");
  EXPECT_EQ(OwnerOf("TASKS", "T"), "ACCOUNTADMIN");
  EXPECT_THAT(Run("SHOW TASKS LIKE 'T' IN SCHEMA d.s"), ElementsAre(HasSubstr("|suspended|")));
}

TEST_F(OwnershipTest, OfARoleItsOwnGrantsAreTheCurrentOnes) {
  Run("CREATE ROLE team");
  Run("CREATE ROLE below");
  Run("GRANT ROLE below TO ROLE team");
  // Grants of a role block nothing.
  Run("GRANT OWNERSHIP ON ROLE team TO ROLE giver");
  EXPECT_EQ(As("GRANT ROLE team TO ROLE mate"), "ok");
  EXPECT_EQ(As("GRANT OWNERSHIP ON ROLE team TO ROLE mate COPY CURRENT GRANTS"), "ok");
  EXPECT_THAT(Run("SHOW GRANTS TO ROLE team"),
              testing::Contains(testing::AllOf(HasSubstr("BELOW"), HasSubstr("MATE"))));
  Run("GRANT OWNERSHIP ON ROLE team TO ROLE giver REVOKE CURRENT GRANTS");
  EXPECT_THAT(Run("SHOW GRANTS TO ROLE team"), testing::Not(testing::Contains(HasSubstr("BELOW"))));
  EXPECT_THAT(Run("SHOW GRANTS TO ROLE mate"), testing::Contains(HasSubstr("TEAM")));
}

TEST_F(OwnershipTest, OfFutureObjects) {
  EXPECT_THAT(As("GRANT OWNERSHIP ON FUTURE VIEWS IN SCHEMA d.s TO ROLE giver"),
              StartsWith("003001 (42501)"));
  Run("GRANT OWNERSHIP ON FUTURE VIEWS IN SCHEMA d.s TO ROLE mate");
  EXPECT_EQ(As("CREATE VIEW w AS SELECT 1 AS x"), "ok");
  EXPECT_EQ(OwnerOf("VIEWS", "W"), "MATE");
  EXPECT_THAT(ErrorOf("GRANT OWNERSHIP ON FUTURE VIEWS IN SCHEMA d.s TO ROLE third"),
              HasSubstr("A future grant of OWNERSHIP on VIEW to role 'MATE' exists"));
  EXPECT_THAT(
      ErrorOf("GRANT OWNERSHIP ON FUTURE TASKS IN SCHEMA d.s TO ROLE mate REVOKE CURRENT GRANTS"),
      HasSubstr("REVOKE CURRENT GRANTS"));
  Run("REVOKE OWNERSHIP ON FUTURE VIEWS IN SCHEMA d.s FROM ROLE mate");
  Run("GRANT OWNERSHIP ON FUTURE VIEWS IN SCHEMA d.s TO ROLE third");
  // It cannot be revoked otherwise, nor granted beside other privileges.
  EXPECT_THAT(ErrorOf("REVOKE OWNERSHIP ON VIEW d.s.v FROM ROLE giver"), StartsWith("003008"));
  EXPECT_THAT(ErrorOf("GRANT OWNERSHIP, SELECT ON VIEW d.s.v TO ROLE mate"), StartsWith("003008"));
}

TEST_F(OwnershipTest, InManagedAccessItStaysBelowTheSchemasOwner) {
  Run("GRANT OWNERSHIP ON SCHEMA d.s TO ROLE giver COPY CURRENT GRANTS");
  EXPECT_EQ(As("ALTER SCHEMA d.s ENABLE MANAGED ACCESS"), "ok");
  // The schema's owner grants here; an escalation would begin so.
  EXPECT_THAT(As("GRANT OWNERSHIP ON FUTURE PROCEDURES IN SCHEMA d.s TO ROLE ACCOUNTADMIN"),
              HasSubstr("can only be transferred"));
  EXPECT_THAT(ErrorOf("GRANT OWNERSHIP ON VIEW d.s.v TO ROLE stranger"),
              HasSubstr("subordinate role of the schema owner"));
  EXPECT_EQ(As("GRANT OWNERSHIP ON VIEW v TO ROLE mate"), "ok");
  EXPECT_EQ(As("GRANT OWNERSHIP ON FUTURE VIEWS IN SCHEMA d.s TO ROLE mate"), "ok");
  EXPECT_THAT(As("GRANT OWNERSHIP ON SCHEMA d.s TO ROLE mate COPY CURRENT GRANTS"),
              HasSubstr("must be revoked first"));
  EXPECT_EQ(As("REVOKE OWNERSHIP ON FUTURE VIEWS IN SCHEMA d.s FROM ROLE mate"), "ok");
  EXPECT_EQ(As("GRANT OWNERSHIP ON SCHEMA d.s TO ROLE mate COPY CURRENT GRANTS"), "ok");
}

TEST_F(OwnershipTest, OfADatabasesFutureNotInManagedAccess) {
  Run("CREATE SCHEMA d.managed WITH MANAGED ACCESS");
  Run("GRANT OWNERSHIP ON FUTURE VIEWS IN DATABASE d TO ROLE third");
  Run("CREATE VIEW d.managed.in_managed AS SELECT 1 AS x");
  Run("CREATE VIEW d.s.in_plain AS SELECT 1 AS x");
  EXPECT_EQ(OwnerOf("VIEWS", "IN_MANAGED"), "ACCOUNTADMIN");
  EXPECT_EQ(OwnerOf("VIEWS", "IN_PLAIN"), "THIRD");
}

TEST_F(OwnershipTest, RevokingIsForTheGrantorAndAsksWhatDepends) {
  Run("CREATE USER eve DEFAULT_ROLE = third");
  Run("GRANT ROLE third TO USER eve");
  const auto eve = Open({.user = "eve"});
  EXPECT_EQ(As("GRANT SELECT ON VIEW v TO ROLE third WITH GRANT OPTION"), "ok");
  EXPECT_EQ(As("GRANT SELECT ON VIEW v TO ROLE mate"), "ok");
  EXPECT_EQ(Told(Try(*eve, "GRANT SELECT ON VIEW d.s.v TO ROLE stranger")), "ok");
  // The grantor's alone; a grant option is none on grants of others.
  EXPECT_EQ(Told(Try(*eve, "REVOKE SELECT ON VIEW d.s.v FROM ROLE mate")), kNotRevoked);
  EXPECT_EQ(As("REVOKE SELECT ON VIEW v FROM ROLE stranger"), kNotRevoked);
  EXPECT_THAT(As("REVOKE SELECT ON VIEW v FROM ROLE third"),
              HasSubstr("Dependent grant of privilege 'SELECT' on securable 'V' to role "
                        "'STRANGER' exists."));
  EXPECT_EQ(As("REVOKE SELECT ON VIEW v FROM ROLE third CASCADE"), "ok");
  EXPECT_THAT(Run("SHOW GRANTS TO ROLE stranger"),
              testing::Not(testing::Contains(HasSubstr("|SELECT|"))));
  EXPECT_THAT(Run("SHOW GRANTS TO ROLE mate"), testing::Contains(HasSubstr("SELECT")));
}

/// Managing grants is about objects: of the account it gives nothing that one does not hold.
TEST_F(OwnershipTest, WhatIsTheAccountsIsItsAdministratorsToGrant) {
  Run("CREATE ROLE security");
  Run("GRANT MANAGE GRANTS ON ACCOUNT TO ROLE security");
  Run("CREATE USER sam DEFAULT_ROLE = security");
  Run("GRANT ROLE security TO USER sam");
  const auto sam = Open({.user = "sam"});
  EXPECT_EQ(Told(Try(*sam, "GRANT EXECUTE TASK ON ACCOUNT TO ROLE security")), kNotExecuted);
  EXPECT_EQ(Told(Try(*sam, "GRANT MANAGE GRANTS ON ACCOUNT TO ROLE giver")), kNotExecuted);
  EXPECT_EQ(Told(Try(*sam, "GRANT ALL ON ACCOUNT TO ROLE security")), kNotExecuted);
  EXPECT_EQ(Told(Try(*sam, "REVOKE EXECUTE TASK ON ACCOUNT FROM ROLE giver")), "ok");
  EXPECT_EQ(Told(Try(*sam, "GRANT SELECT ON VIEW d.s.v TO ROLE security")), "ok");
  // With grant option, and of what system roles have, it goes on.
  Run("GRANT EXECUTE TASK ON ACCOUNT TO ROLE security WITH GRANT OPTION");
  EXPECT_EQ(Told(Try(*sam, "GRANT EXECUTE TASK ON ACCOUNT TO ROLE third")), "ok");
  Run("USE SECONDARY ROLES NONE");
  Run("USE ROLE SYSADMIN");
  Run("GRANT CREATE DATABASE ON ACCOUNT TO ROLE third");
  EXPECT_EQ(ErrorOf("GRANT CREATE USER ON ACCOUNT TO ROLE third"), kNotExecuted);
  Run("GRANT ALL ON ACCOUNT TO ROLE third");
  Run("USE ROLE ACCOUNTADMIN");
  EXPECT_THAT(Run("SHOW GRANTS TO ROLE third"), testing::Contains(HasSubstr("CREATE WAREHOUSE")));
  // What system roles have from the system stays.
  EXPECT_EQ(ErrorOf("REVOKE MANAGE GRANTS ON ACCOUNT FROM ROLE SECURITYADMIN"), kNotRevoked);
  EXPECT_EQ(ErrorOf("REVOKE ROLE SECURITYADMIN FROM ROLE ACCOUNTADMIN"), kNotRevoked);
}

TEST_F(OwnershipTest, RolesAreGrantedByTheirOwnersAndWhoManagesGrants) {
  Run("CREATE ROLE maker");
  Run("GRANT CREATE ROLE, CREATE USER ON ACCOUNT TO ROLE maker");
  Run("CREATE USER max DEFAULT_ROLE = maker");
  Run("GRANT ROLE maker TO USER max");
  const auto max = Open({.user = "max"});
  for (const char* role : {"ACCOUNTADMIN", "SECURITYADMIN", "giver", "maker"}) {
    EXPECT_EQ(Told(Try(*max, std::string("GRANT ROLE ") + role + " TO USER max")), kNotExecuted);
    EXPECT_EQ(Told(Try(*max, std::string("REVOKE ROLE ") + role + " FROM USER ann")), kNotRevoked);
  }
  EXPECT_EQ(Told(Try(*max, "CREATE ROLE made")), "ok");
  EXPECT_EQ(Told(Try(*max, "GRANT ROLE made TO ROLE maker")), "ok");
  // Owning a role is not having it.
  EXPECT_EQ(Told(Try(*max, "CREATE ROLE owned")), "ok");
  EXPECT_THAT(Told(Try(*max, "USE ROLE owned")), StartsWith("003013 (42501)"));
}

}  // namespace
}  // namespace tarn::warehouse
