// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/show.h"

#include <gmock/gmock.h>

#include "warehouse/catalogue/alter.h"
#include "warehouse/catalogue/drop.h"
#include "warehouse/catalogue/grant.h"
#include "warehouse/metastore/grants.h"
#include "warehouse/show/describe.h"
#include "warehouse/show/show_grants.h"
#include "warehouse/show/show_parameters.h"
#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string Text(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return "NULL";
  if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  return std::get<std::string>(value);
}

std::string Columns(const RowSet& set) {
  std::string names;
  for (const ShownColumn& column : set.columns) {
    names += (names.empty() ? "" : ",") + std::string(column.name);
  }
  return names;
}

/// Values of one column.
std::vector<std::string> Cells(const RowSet& set, std::string_view name) {
  std::vector<std::string> cells;
  for (size_t i = 0; i < set.columns.size(); ++i) {
    if (set.columns[i].name != name) continue;
    for (const auto& row : set.rows) cells.push_back(Text(row[i]));
  }
  return cells;
}

/// "a=b" of each row of two columns by number.
std::vector<std::string> Pairs(const RowSet& set, size_t first, size_t second) {
  std::vector<std::string> pairs;
  for (const auto& row : set.rows) pairs.push_back(Text(row[first]) + "=" + Text(row[second]));
  return pairs;
}

class ShowTest : public MetastoreTest {
 protected:
  ShowTest() { MakeShop(); }
  StatementResult<RowSet> TryList(ShowSubject subject, const ListFilter& filter = {}) {
    return Show(*Must(metastore_->Read()), admin_, subject, filter);
  }
  RowSet List(ShowSubject subject, const ListFilter& filter = {}) {
    return Must(TryList(subject, filter));
  }
  RowSet Desc(ObjectKind kind, const std::string& name) {
    return Must(Describe(*Must(metastore_->Read()), admin_, kind, Must(ParseObjectName(name))));
  }
};

/// Names and order as Snowflake's documentation and its Terraform provider have them.
TEST_F(ShowTest, ColumnsAreSnowflakes) {
  struct Case {
    ShowSubject subject;
    const char* columns;
  };
  const std::vector<Case> cases = {
      {ShowSubject::kDatabases,
       "created_on,name,is_default,is_current,origin,owner,comment,options,retention_time,"
       "resource_group,kind,owner_role_type"},
      {ShowSubject::kSchemas,
       "created_on,name,is_default,is_current,database_name,owner,comment,options,retention_time,"
       "owner_role_type"},
      {ShowSubject::kWarehouses,
       "name,state,type,size,min_cluster_count,max_cluster_count,started_clusters,running,queued,"
       "is_default,is_current,auto_suspend,auto_resume,available,provisioning,quiescing,other,"
       "created_on,resumed_on,updated_on,owner,comment,enable_query_acceleration,"
       "query_acceleration_max_scale_factor,resource_monitor,actives,pendings,failed,suspended,"
       "uuid,scaling_policy,owner_role_type,resource_constraint,generation"},
      {ShowSubject::kRoles,
       "created_on,name,is_default,is_current,is_inherited,assigned_to_users,granted_to_roles,"
       "granted_roles,owner,comment"},
      {ShowSubject::kViews,
       "created_on,name,reserved,database_name,schema_name,owner,comment,text,is_secure,"
       "is_materialized,owner_role_type,change_tracking"},
      {ShowSubject::kIcebergTables,
       "created_on,name,database_name,schema_name,owner,external_volume_name,catalog_name,"
       "iceberg_table_type,catalog_table_name,catalog_namespace,base_location,can_write_metadata,"
       "comment,name_mapping,owner_role_type,catalog_sync_name,auto_refresh_status,"
       "partition_specs,current_partition_spec_id,iceberg_table_format_version"},
      {ShowSubject::kDynamicTables,
       "created_on,name,database_name,schema_name,cluster_by,rows,bytes,owner,target_lag,"
       "scheduler,refresh_mode,refresh_mode_reason,warehouse,comment,text,automatic_clustering,"
       "scheduling_state,last_suspended_on,is_clone,is_replica,is_iceberg,data_timestamp,"
       "owner_role_type,immutable_where,execute_as_user"},
      {ShowSubject::kStages,
       "created_on,name,database_name,schema_name,url,has_credentials,has_encryption_key,owner,"
       "comment,region,type,cloud,notification_channel,storage_integration,endpoint,"
       "owner_role_type,directory_enabled"},
      {ShowSubject::kStreams,
       "created_on,name,database_name,schema_name,owner,comment,table_name,source_type,"
       "base_tables,type,stale,mode,stale_after,invalid_reason,owner_role_type"},
      {ShowSubject::kTasks,
       "created_on,name,id,database_name,schema_name,owner,comment,warehouse,schedule,"
       "predecessors,state,definition,condition,allow_overlapping_execution,error_integration,"
       "last_committed_on,last_suspended_on,owner_role_type,config,budget,task_relations,"
       "last_suspended_reason,target_completion_interval"},
      {ShowSubject::kPostgresInstances,
       "name,owner,owner_role_type,created_on,updated_on,type,origin,host,"
       "privatelink_service_identifier,compute_family,authentication_authority,storage_size,"
       "postgres_version,postgres_settings,is_ha,retention_time,state,comment"},
      {ShowSubject::kNetworkRules,
       "created_on,name,database_name,schema_name,owner,comment,type,mode,entries_in_valuelist,"
       "owner_role_type"},
      {ShowSubject::kNetworkPolicies,
       "created_on,name,comment,entries_in_allowed_ip_list,entries_in_blocked_ip_list,"
       "entries_in_allowed_network_rules,entries_in_blocked_network_rules"},
      {ShowSubject::kStorageIntegrations, "name,type,category,enabled,comment,created_on"},
      {ShowSubject::kCatalogIntegrations, "name,enabled,type,category,comment,created_on"},
      {ShowSubject::kExternalVolumes, "name,allow_writes,comment"},
      {ShowSubject::kProcedures,
       "created_on,name,schema_name,is_builtin,is_aggregate,is_ansi,min_num_arguments,"
       "max_num_arguments,arguments,description,catalog_name,is_table_function,"
       "valid_for_clustering,is_secure"},
      {ShowSubject::kUserFunctions,
       "created_on,name,schema_name,is_builtin,is_aggregate,is_ansi,min_num_arguments,"
       "max_num_arguments,arguments,description,catalog_name,is_table_function,"
       "valid_for_clustering,is_secure,secrets,external_access_integrations,is_external_function,"
       "language,is_memoizable,is_data_metric"},
      {ShowSubject::kColumns,
       "table_name,schema_name,column_name,data_type,null?,default,kind,expression,comment,"
       "database_name,autoincrement,schema_evolution_record"},
      {ShowSubject::kTags,
       "created_on,name,database_name,schema_name,owner,comment,allowed_values,"
       "owner_role_type"}};
  for (const Case& test : cases) EXPECT_EQ(Columns(List(test.subject)), test.columns);
  EXPECT_THAT(Columns(List(ShowSubject::kTables)),
              StartsWith("created_on,name,database_name,schema_name,kind,comment,cluster_by,rows,"
                         "bytes,owner,retention_time,automatic_clustering,change_tracking"));
  EXPECT_EQ(Columns(List(ShowSubject::kTables, {.terse = true})),
            "created_on,name,database_name,schema_name,kind");
  EXPECT_THAT(Columns(List(ShowSubject::kDatabases, {.history = true})),
              HasSubstr("resource_group,dropped_on,kind"));
}

TEST_F(ShowTest, FiltersAndOrder) {
  for (const char* name : {"b_x", "\"a%\"", "abc", "s2"}) Create(admin_, name, Table{});
  Create(admin_, "public.abd", Table{});
  const auto names = [&](const ListFilter& filter) {
    return Cells(List(ShowSubject::kTables, filter), "name");
  };
  // By schema first.
  EXPECT_THAT(names({}), ElementsAre("ABD", "ABC", "B_X", "S2", "a%"));
  EXPECT_THAT(names({.like = "ab_"}), ElementsAre("ABD", "ABC"));
  EXPECT_THAT(names({.like = "%\\%"}), ElementsAre("a%"));
  EXPECT_THAT(names({.like = "b\\_x"}), ElementsAre("B_X"));
  EXPECT_THAT(names({.starts_with = "a"}), ElementsAre("a%"));
  const ListFilter in_schema{.scope = ListScope::kSchema};
  EXPECT_THAT(names(in_schema), ElementsAre("ABC", "B_X", "S2", "a%"));
  EXPECT_THAT(names({.scope = ListScope::kSchema, .place = ObjectName{.name = "PUBLIC"}}),
              ElementsAre("ABD"));
  EXPECT_THAT(names({.scope = ListScope::kSchema, .limit = 2, .from = "ABC"}),
              ElementsAre("B_X", "S2"));
  EXPECT_THAT(names({.starts_with = "A", .limit = 10, .from = "AB"}), ElementsAre("ABD", "ABC"));
  EXPECT_THAT(names({.starts_with = "A", .limit = 10, .from = "B"}), IsEmpty());
  EXPECT_THAT(Told(TryList(ShowSubject::kTables,
                           {.scope = ListScope::kDatabase, .place = ObjectName{.name = "NO"}})),
              StartsWith("002003 (02000)"));
  EXPECT_THAT(Told(TryList(ShowSubject::kTables, {.limit = 10'001})), StartsWith("001008"));
}

TEST(MatchesLikeTest, Patterns) {
  EXPECT_TRUE(MatchesLike("", "%"));
  EXPECT_TRUE(MatchesLike("ABC", "a%c"));
  EXPECT_TRUE(MatchesLike("aXbXc", "a%b%c"));
  EXPECT_TRUE(MatchesLike("ä", "_"));
  EXPECT_TRUE(MatchesLike("abcabd", "%abd"));
  EXPECT_FALSE(MatchesLike("abc", "ab"));
  EXPECT_FALSE(MatchesLike("abc", "b%"));
  EXPECT_FALSE(MatchesLike("", "_"));
  EXPECT_TRUE(MatchesLike("a_c", "a\\_c"));
  EXPECT_FALSE(MatchesLike("abc", "a\\_c"));
}

TEST_F(ShowTest, HistoryShowsWhatWasDropped) {
  Create(admin_, "t", Table{});
  Must(Change([&](Transaction& transaction) {
    return DropObject(transaction, admin_, {.kind = ObjectKind::kTable, .name = {.name = "T"}});
  }));
  EXPECT_THAT(List(ShowSubject::kTables).rows, IsEmpty());
  const RowSet history = List(ShowSubject::kTables, {.history = true});
  EXPECT_THAT(Cells(history, "dropped_on"), ElementsAre(std::to_string(kTestNowMs * 1000)));
}

TEST_F(ShowTest, ListsOnlyWhatTheRoleSees) {
  Create(admin_, "analyst", Role{});
  const ObjectId table = Create(admin_, "t", Table{});
  Create(admin_, "u", Table{});
  const ObjectId analyst = Id("role", "ANALYST");
  const auto grant = [&](ObjectId object, std::string privilege) {
    Must(Change([&](Transaction& transaction) {
      return AddGrant(transaction, {.object = object, .privilege = privilege, .grantee = analyst});
    }));
  };
  Caller caller = As("ANALYST");
  const auto names = [&](ShowSubject subject) {
    return Cells(
        Must(Show(*Must(metastore_->Read()), caller, subject, {.scope = ListScope::kAccount})),
        "name");
  };
  grant(table, "SELECT");
  EXPECT_THAT(names(ShowSubject::kTables), IsEmpty());
  EXPECT_THAT(names(ShowSubject::kDatabases), IsEmpty());
  const ObjectId database = Id("database", "SHOP");
  grant(database, "USAGE");
  grant(Id("schema", "S", database), "USAGE");
  EXPECT_THAT(names(ShowSubject::kTables), ElementsAre("T"));
  EXPECT_THAT(names(ShowSubject::kSchemas), ElementsAre("INFORMATION_SCHEMA", "S"));
  EXPECT_THAT(names(ShowSubject::kWarehouses), ElementsAre("COMPUTE_WH"));
  // Everybody knows the users' names, and no more of others.
  caller.user = ObjectId();
  const RowSet users = Must(Show(*Must(metastore_->Read()), caller, ShowSubject::kUsers, {}));
  EXPECT_THAT(Cells(users, "name"), ElementsAre("ADMIN"));
  EXPECT_THAT(Cells(users, "login_name"), ElementsAre("NULL"));
}

TEST_F(ShowTest, TheRetailDocumentsObjects) {
  const ObjectId integration =
      Create(admin_, "i",
             StorageIntegration{.allowed_locations = {"s3://retail-lake-ap3/"},
                                .aws_role_arn = "arn:aws:iam::1:role/r"});
  const ObjectId stage = Create(admin_, "stg",
                                Stage{.url = "s3://retail-lake-ap3/m/",
                                      .storage_integration = integration,
                                      .directory_enabled = true});
  Create(admin_, "str",
         Stream{.source_kind = StreamSource::kStage,
                .source = stage,
                .source_name = "SHOP.S.STG",
                .offsets = {{.object = stage}}});
  const ObjectId root = Create(admin_, "root",
                               Task{.warehouse = Id("warehouse", "COMPUTE_WH"),
                                    .schedule = "2 MINUTES",
                                    .definition = "ALTER STAGE stg REFRESH"});
  Create(admin_, "child", Task{.predecessors = {root}});
  const RowSet stages = List(ShowSubject::kStages);
  EXPECT_THAT(Cells(stages, "storage_integration"), ElementsAre("I"));
  EXPECT_THAT(Cells(stages, "directory_enabled"), ElementsAre("Y"));
  EXPECT_THAT(Cells(stages, "type"), ElementsAre("EXTERNAL"));
  const RowSet streams = List(ShowSubject::kStreams);
  EXPECT_THAT(Cells(streams, "table_name"), ElementsAre("SHOP.S.STG"));
  EXPECT_THAT(Cells(streams, "source_type"), ElementsAre("Stage"));
  EXPECT_THAT(Cells(streams, "stale"), ElementsAre("false"));
  const RowSet tasks = List(ShowSubject::kTasks);
  EXPECT_THAT(Cells(tasks, "name"), ElementsAre("CHILD", "ROOT"));
  EXPECT_THAT(Cells(tasks, "predecessors"), ElementsAre("[\"SHOP.S.ROOT\"]", "[]"));
  EXPECT_THAT(Cells(tasks, "state"), ElementsAre("suspended", "suspended"));
  EXPECT_THAT(Cells(tasks, "warehouse"), ElementsAre("", "COMPUTE_WH"));
  // Replacing the stage makes its stream stale.
  Must(TryCreate(admin_, {.name = "STG"}, Stage{}, OnExisting::kReplace));
  EXPECT_THAT(Cells(List(ShowSubject::kStreams), "stale"), ElementsAre("true"));
  EXPECT_THAT(Pairs(Desc(ObjectKind::kStorageIntegration, "i"), 0, 2),
              ElementsAre("ENABLED=true", "STORAGE_PROVIDER=S3",
                          "STORAGE_ALLOWED_LOCATIONS=s3://retail-lake-ap3/",
                          "STORAGE_BLOCKED_LOCATIONS=", "STORAGE_AWS_IAM_USER_ARN=",
                          "STORAGE_AWS_ROLE_ARN=arn:aws:iam::1:role/r", "STORAGE_AWS_EXTERNAL_ID=",
                          "STORAGE_AWS_OBJECT_ACL=", "USE_PRIVATELINK_ENDPOINT=false", "COMMENT="));
}

TEST_F(ShowTest, DescribeTable) {
  const sql::DataType number{.kind = sql::DataTypeKind::kNumber, .precision = 38};
  const sql::DataType text{.kind = sql::DataTypeKind::kVarchar, .length = 30};
  Create(admin_, "desc_example",
         Table{.columns = {{.name = "C1", .type = number, .nullable = false},
                           {.name = "C4",
                            .type = text,
                            .default_sql = "'Not applicable'",
                            .comment = "rare"}},
               .constraints = {{.kind = ConstraintKind::kPrimaryKey, .columns = {"C1"}}}});
  const RowSet set = Desc(ObjectKind::kTable, "desc_example");
  EXPECT_EQ(Columns(set),
            "name,type,kind,null?,default,primary key,unique key,check,expression,comment,"
            "policy name,privacy domain");
  std::vector<std::string> row;
  for (const Value& value : set.rows[1]) row.push_back(Text(value));
  EXPECT_THAT(row, ElementsAre("C4", "VARCHAR(30)", "COLUMN", "Y", "'Not applicable'", "N", "N",
                               "NULL", "NULL", "rare", "NULL", "NULL"));
  EXPECT_THAT(Cells(set, "type"), ElementsAre("NUMBER(38,0)", "VARCHAR(30)"));
  EXPECT_THAT(Cells(set, "primary key"), ElementsAre("Y", "N"));
  const RowSet columns = List(ShowSubject::kColumns, {.like = "c_"});
  EXPECT_THAT(
      Cells(columns, "data_type"),
      ElementsAre(R"({"type":"FIXED","precision":38,"scale":0,"nullable":false})",
                  R"({"type":"TEXT","length":30,"byteLength":120,"nullable":true,"fixed":false})"));
  EXPECT_EQ(
      Must(ShowColumnsOf(*Must(metastore_->Read()), admin_, {.name = "DESC_EXAMPLE"}, std::nullopt))
          .rows.size(),
      2U);
  // A view and a table are described under either word.
  EXPECT_EQ(Desc(ObjectKind::kView, "desc_example").rows.size(), 2U);
}

TEST_F(ShowTest, DescribeInstanceAndPolicy) {
  const ObjectId rule =
      Create(admin_, "r",
             NetworkRule{.type = "IPV4", .mode = "POSTGRES_INGRESS", .values = {"0.0.0.0/0"}});
  const ObjectId policy = Create(admin_, "p", NetworkPolicy{.allowed_rules = {rule}});
  PostgresInstance instance{.state = "READY",
                            .compute_family = "STANDARD_M",
                            .storage_size_gb = 50,
                            .postgres_version = "17"};
  instance.network_policy = policy;
  Create(admin_, "retail_txns", instance);
  const RowSet set = Desc(ObjectKind::kPostgresInstance, "retail_txns");
  EXPECT_EQ(Columns(set), "property,value");
  EXPECT_THAT(Cells(set, "property"),
              ElementsAre("name", "owner", "owner_role_type", "created_on", "updated_on", "type",
                          "host", "privatelink_service_identifier", "compute_family",
                          "storage_size_gb", "postgres_version", "postgres_settings",
                          "high_availability", "authentication_authority",
                          "maintenance_window_start", "state", "comment", "origin", "replicas",
                          "operations", "network_policy", "storage_integration", "certificate"));
  const auto pairs = Pairs(set, 0, 1);
  EXPECT_THAT(pairs, testing::Contains("network_policy=P"));
  EXPECT_THAT(pairs, testing::Contains("operations={ }"));
  // 1,800,000,000 seconds after 1970 began.
  EXPECT_THAT(pairs, testing::Contains("created_on=2027-01-15 08:00:00.000 +0000"));
  EXPECT_THAT(Pairs(Desc(ObjectKind::kNetworkPolicy, "p"), 0, 1),
              ElementsAre("ALLOWED_NETWORK_RULE_LIST=SHOP.S.R"));
}

TEST_F(ShowTest, SecretsAreNotDescribed) {
  Create(admin_, "st",
         Stage{.url = "s3://b/",
               .credentials = {{"AWS_KEY_ID", "key-1"}, {"AWS_SECRET_KEY", "hidden-1"}}});
  Create(admin_, "vol",
         ExternalVolume{.locations = {{.name = "m",
                                       .provider = "S3COMPAT",
                                       .base_url = "s3compat://b/",
                                       .endpoint = "host",
                                       .credentials = {{"AWS_SECRET_KEY", "hidden-1"}}}}});
  CatalogIntegration catalog;
  catalog.rest_authentication = {{"TYPE", "OAUTH"}, {"OAUTH_CLIENT_SECRET", "hidden-1"}};
  Create(admin_, "cat", catalog);
  for (const auto& [kind, name] :
       {std::pair{ObjectKind::kStage, "st"}, std::pair{ObjectKind::kExternalVolume, "vol"},
        std::pair{ObjectKind::kCatalogIntegration, "cat"}}) {
    for (const auto& row : Desc(kind, name).rows) {
      for (const Value& value : row) {
        EXPECT_THAT(Text(value), testing::Not(HasSubstr("hidden-1")));
        EXPECT_THAT(Text(value), testing::Not(HasSubstr("key-1")));
      }
    }
  }
}

TEST_F(ShowTest, Grants) {
  Create(admin_, "analyst", Role{});
  Create(admin_, "t", Table{});
  const OnObject table{ObjectKind::kTable, {.name = "T"}};
  Must(Change([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_TRY(GrantPrivileges(transaction, admin_,
                                  {.privileges = {"SELECT"}, .target = table, .role = "ANALYST"}));
    STATEMENT_TRY(GrantRole(transaction, admin_, {.role = "ANALYST", .grantee = "SYSADMIN"}));
    return {};
  }));
  const auto snapshot = Must(metastore_->Read());
  const RowSet on = Must(ShowGrantsOn(*snapshot, admin_, table));
  EXPECT_EQ(Columns(on),
            "created_on,privilege,granted_on,name,granted_to,grantee_name,grant_option,"
            "granted_by_role_type,granted_by");
  EXPECT_THAT(Cells(on, "privilege"), ElementsAre("OWNERSHIP", "SELECT"));
  EXPECT_THAT(Cells(on, "grantee_name"), ElementsAre("ACCOUNTADMIN", "ANALYST"));
  EXPECT_THAT(Cells(on, "name"), ElementsAre("SHOP.S.T", "SHOP.S.T"));
  const RowSet to = Must(ShowGrantsToRole(*snapshot, "ANALYST"));
  EXPECT_THAT(Cells(to, "granted_by"), ElementsAre("ACCOUNTADMIN"));
  EXPECT_THAT(Cells(Must(ShowGrantsOf(*snapshot, "ANALYST")), "grantee_name"),
              ElementsAre("SYSADMIN"));
  EXPECT_THAT(Cells(Must(ShowGrantsToUser(*snapshot, admin_, std::nullopt)), "role"),
              ElementsAre("ACCOUNTADMIN"));
}

TEST_F(ShowTest, ParametersTellWhereTheyWereSet) {
  const std::vector<ParameterFacts> known = {{"DATA_RETENTION_TIME_IN_DAYS", "1", "NUMBER", "d"},
                                             {"CATALOG", "SNOWFLAKE", "STRING", "c"}};
  Must(Change([&](Transaction& transaction) {
    return SetParameterOf(transaction, admin_,
                          {.kind = ObjectKind::kDatabase, .name = {.name = "SHOP"}},
                          "DATA_RETENTION_TIME_IN_DAYS", "3");
  }));
  const ObjectId schema = Id("schema", "S", Id("database", "SHOP"));
  const RowSet set = Must(ShowParameters(*Must(metastore_->Read()), schema, known, std::nullopt));
  // The database's holds for its tables, unless they have one of their own.
  Create(admin_, "t", Table{});
  Create(admin_, "own", Table{});
  Must(Change([&](Transaction& transaction) {
    return SetParameterOf(transaction, admin_,
                          {.kind = ObjectKind::kTable, .name = {.name = "OWN"}},
                          "DATA_RETENTION_TIME_IN_DAYS", "7");
  }));
  EXPECT_THAT(Cells(List(ShowSubject::kTables), "retention_time"), ElementsAre("7", "3"));
  EXPECT_EQ(Columns(set), "key,value,default,level,description,type");
  EXPECT_THAT(Cells(set, "value"), ElementsAre("3", "SNOWFLAKE"));
  EXPECT_THAT(Cells(set, "level"), ElementsAre("DATABASE", ""));
  EXPECT_EQ(Must(ShowParameters(*Must(metastore_->Read()), schema, known, "cat%")).rows.size(), 1U);
}

/// 10,000 tables are listed whole, one more is an error, and a page of them is not.
TEST_F(ShowTest, TenThousandObjects) {
  const ObjectId schema = Id("schema", "S", Id("database", "SHOP"));
  const Table table{.columns = {{.name = "A"}, {.name = "B"}}};
  const auto add = [&](int from, int to) {
    Must(Change([&](Transaction& transaction) -> StatementResult<> {
      for (int i = from; i < to; ++i) {
        STATEMENT_TRY(transaction.Insert(
            {.container = schema, .name = fmt::format("T{:05}", i), .owner = admin_.role}, table));
      }
      return {};
    }));
  };
  add(0, 10'000);
  const RowSet all = List(ShowSubject::kTables);
  ASSERT_EQ(all.rows.size(), 10'000U);
  EXPECT_EQ(Text(all.rows[4321][1]), "T04321");
  add(10'000, 10'001);
  EXPECT_THAT(Told(TryList(ShowSubject::kTables)), StartsWith("090153 (22000)"));
  EXPECT_EQ(Cells(List(ShowSubject::kTables, {.limit = 2, .from = "T09999"}), "name"),
            std::vector<std::string>{"T10000"});
}

}  // namespace
}  // namespace tarn::warehouse
