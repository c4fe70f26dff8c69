// SPDX-License-Identifier: Apache-2.0
// Requests and answers in the forms of the specification ("rest-catalog-open-api.yaml").
#include "rest/catalog.h"

#include <algorithm>

#include "rest/testing/catalog_fixture.h"
#include "rest/uri_text.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/objects/table.h"

namespace tarn::rest {
namespace {

TEST_F(CatalogTest, ConfigNamesEndpointsAndThePrefixOfADatabase) {
  MakeSchema();
  const Json config = Must200("GET", "/v1/config");
  EXPECT_EQ(config["defaults"], Json::object());
  EXPECT_EQ(config["overrides"], Json::object());
  const Json& endpoints = config["endpoints"];
  EXPECT_NE(std::ranges::find(endpoints, "HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}"),
            endpoints.end());
  EXPECT_NE(std::ranges::find(endpoints, "POST /v1/{prefix}/transactions/commit"), endpoints.end());
  EXPECT_EQ(config["idempotency-key-lifetime"], "PT1800S");
  EXPECT_EQ(Must200("GET", "/v1/config?warehouse=DB")["overrides"], (Json{{"prefix", "DB"}}));
  EXPECT_EQ(Told(Send("GET", "/v1/config?warehouse=X")),
            "404 NoSuchWarehouseException: Warehouse does not exist: X");
}

TEST_F(CatalogTest, DatabasesAndSchemasAreNamespaces) {
  MakeSchema();
  EXPECT_EQ(Must200("GET", "/v1/namespaces"), (Json{{"namespaces", {{"DB"}}}}));
  EXPECT_EQ(Must200("GET", "/v1/namespaces?parent=DB"),
            Json::parse(R"({"namespaces": [["DB", "PUBLIC"], ["DB", "s"]]})"));
  EXPECT_EQ(Must200("GET", "/v1/DB/namespaces"), (Json{{"namespaces", {{"PUBLIC"}, {"s"}}}}));
  // A level that cannot be there has nothing, and a missing one is told.
  EXPECT_EQ(Must200("GET", "/v1/DB/namespaces?parent=s"), (Json{{"namespaces", Json::array()}}));
  EXPECT_EQ(Told(Send("GET", "/v1/DB/namespaces?parent=x")),
            "404 NoSuchNamespaceException: Namespace does not exist: x");
  // Twice encoded, as one client does.
  EXPECT_EQ(Must200("GET", "/v1/namespaces?parent=DB%251Fs"),
            (Json{{"namespaces", Json::array()}}));

  EXPECT_EQ(Told(Send("POST", "/v1/DB/namespaces", {{"namespace", {"s"}}})),
            "409 AlreadyExistsException: Namespace already exists: s");
  EXPECT_EQ(Send("POST", "/v1/DB/namespaces", {{"namespace", {"a", "b"}}}).status, 400);
  Must204("HEAD", "/v1/DB/namespaces/s");
  EXPECT_EQ(Send("HEAD", "/v1/DB/namespaces/S").status, 404);
  EXPECT_EQ(Send("HEAD", "/v1/DB/namespaces/S").body, "");
}

TEST_F(CatalogTest, NamespacesKeepProperties) {
  Must200("POST", "/v1/namespaces", {{"namespace", {"DB"}}});
  EXPECT_EQ(Must200("POST", "/v1/namespaces",
                    {{"namespace", {"DB", "accounting"}}, {"properties", {{"owner", "Hank"}}}}),
            (Json{{"namespace", {"DB", "accounting"}}, {"properties", {{"owner", "Hank"}}}}));
  EXPECT_EQ(Must200("POST", "/v1/namespaces/DB%1Faccounting/properties",
                    {{"removals", {"foo", "owner"}}, {"updates", {{"k", "v"}}}}),
            (Json{{"updated", {"k"}}, {"removed", {"owner"}}, {"missing", {"foo"}}}));
  EXPECT_EQ(Must200("GET", "/v1/namespaces/DB%1Faccounting")["properties"],
            (Json{{"k", "v"}, {"location", account_->tables_location()}}));
  EXPECT_EQ(Send("POST", "/v1/namespaces/DB%1Faccounting/properties",
                 {{"removals", {"k"}}, {"updates", {{"k", "v"}}}})
                .status,
            422);
}

/// Trino places a table there, by its name and a number, and cannot create one without.
TEST_F(CatalogTest, SchemasTellWhereTheirTablesLie) {
  MakeSchema();
  const auto place = [&](const char* name_space) {
    return Must200("GET", std::string("/v1/DB/namespaces/") + name_space)["properties"]["location"];
  };
  EXPECT_EQ(place("s"), account_->tables_location());
  const std::string own = account_->tables_location() + "/own";
  Must200("POST", "/v1/DB/namespaces",
          {{"namespace", {"other"}}, {"properties", {{"location", own + "/"}}}});
  EXPECT_EQ(place("other"), own);
  const Json table =
      Must200("POST", "/v1/DB/namespaces/other/tables", {{"name", "t"}, {"schema", TwoColumns()}});
  EXPECT_EQ(table["metadata"]["location"], own + "/t");
  EXPECT_FALSE(Must200("GET", "/v1/namespaces/DB")["properties"].contains("location"));
}

TEST_F(CatalogTest, NamespaceWithContentsIsNotDropped) {
  MakeSchema();
  MakeTable("t");
  EXPECT_EQ(Told(Send("DELETE", "/v1/DB/namespaces/s")),
            "409 NamespaceNotEmptyException: Namespace s is not empty");
  EXPECT_EQ(Send("DELETE", "/v1/namespaces/DB").status, 409);
  Must204("DELETE", "/v1/DB/namespaces/s/tables/t");
  Must204("DELETE", "/v1/DB/namespaces/s");
  EXPECT_EQ(Send("DELETE", "/v1/DB/namespaces/s").status, 404);
  Must204("DELETE", "/v1/namespaces/DB");
}

TEST_F(CatalogTest, TableComesBackAsItWasMade) {
  MakeSchema();
  const Json made = MakeTable("Orders");
  const Json& metadata = made["metadata"];
  EXPECT_EQ(metadata["format-version"], 2);
  // Ids are numbered anew, names stay as they were written.
  EXPECT_EQ(metadata["schemas"][0]["fields"][0]["id"], 1);
  EXPECT_EQ(metadata["schemas"][0]["fields"][1]["name"], "Data");
  EXPECT_EQ(made["config"], Json::object());
  EXPECT_FALSE(made.contains("storage-credentials"));
  EXPECT_EQ(Must200("GET", "/v1/DB/namespaces/s/tables/Orders"), made);
  EXPECT_EQ(Must200("GET", "/v1/namespaces/DB%1Fs/tables/Orders"), made);
  EXPECT_EQ(Told(Send("GET", "/v1/DB/namespaces/s/tables/ORDERS")),
            "404 NoSuchTableException: Table does not exist: s.ORDERS");
  EXPECT_EQ(Told(Send("POST", "/v1/DB/namespaces/s/tables",
                      {{"name", "Orders"}, {"schema", TwoColumns()}})),
            "409 AlreadyExistsException: Table already exists: s.Orders");
}

TEST_F(CatalogTest, SqlKnowsTheColumns) {
  MakeSchema();
  MakeTable("t");
  const auto snapshot = Must(account_->metastore().Read());
  const auto tables = Must(snapshot->Objects<warehouse::Table>("WHERE o.name = 't'"));
  ASSERT_EQ(tables.size(), 1U);
  const auto& columns = tables[0].value.columns;
  ASSERT_EQ(columns.size(), 2U);
  EXPECT_EQ(columns[0].name, "ID");
  EXPECT_EQ(sql::ToString(columns[0].type), "NUMBER(19,0)");
  EXPECT_FALSE(columns[0].nullable);
  EXPECT_EQ(columns[1].name, "DATA");
  EXPECT_EQ(columns[1].field_id, 2);
}

TEST_F(CatalogTest, CommitAppliesUpdatesWhereRequirementsHold) {
  MakeSchema();
  const Json made = MakeTable("t");
  const Json uuid = {{"type", "assert-table-uuid"}, {"uuid", made["metadata"]["table-uuid"]}};
  const Json set = {{"action", "set-properties"}, {"updates", {{"k", "v"}}}};
  const Json done = Must200("POST", "/v1/DB/namespaces/s/tables/t",
                            {{"requirements", {uuid}}, {"updates", {set}}});
  EXPECT_NE(done["metadata-location"], made["metadata-location"]);
  EXPECT_EQ(done["metadata"]["properties"]["k"], "v");
  EXPECT_EQ(done["metadata"]["metadata-log"].size(), 1U);

  const Json stale = {{"type", "assert-last-assigned-field-id"}, {"last-assigned-field-id", 3}};
  EXPECT_EQ(Told(Send("POST", "/v1/DB/namespaces/s/tables/t",
                      {{"requirements", {stale}}, {"updates", {set}}})),
            "409 CommitFailedException: Requirement failed: last assigned field id changed: "
            "expected id 3 != 2");
  EXPECT_EQ(Send("POST", "/v1/DB/namespaces/s/tables/t",
                 {{"requirements", Json::array()}, {"updates", {{{"action", "fly"}}}}})
                .status,
            400);
  // Nothing to do is no new state.
  const Json same = Must200("POST", "/v1/DB/namespaces/s/tables/t",
                            {{"requirements", {uuid}}, {"updates", Json::array()}});
  EXPECT_EQ(same["metadata-location"], done["metadata-location"]);
}

TEST_F(CatalogTest, TransactionCommitsAllTablesOrNone) {
  MakeSchema();
  MakeTable("a");
  MakeTable("b");
  const auto change = [](const char* name, int last_id) -> Json {
    return {{"identifier", {{"namespace", {"s"}}, {"name", name}}},
            {"requirements",
             {{{"type", "assert-last-assigned-field-id"}, {"last-assigned-field-id", last_id}}}},
            {"updates", {{{"action", "set-properties"}, {"updates", {{"k", "v"}}}}}}};
  };
  EXPECT_EQ(Send("POST", "/v1/DB/transactions/commit",
                 {{"table-changes", {change("a", 2), change("b", 3)}}})
                .status,
            409);
  const auto has_property = [&](const char* name) {
    const Json table = Must200("GET", std::string("/v1/DB/namespaces/s/tables/") + name);
    return table["metadata"]["properties"].contains("k");
  };
  EXPECT_FALSE(has_property("a"));
  Must204("POST", "/v1/DB/transactions/commit",
          {{"table-changes", {change("a", 2), change("b", 2)}}});
  EXPECT_TRUE(has_property("a"));
  EXPECT_TRUE(has_property("b"));
}

TEST_F(CatalogTest, StagedTableExistsWithItsCommit) {
  MakeSchema();
  const Json staged = Must200("POST", "/v1/DB/namespaces/s/tables",
                              {{"name", "t"}, {"schema", TwoColumns()}, {"stage-create", true}});
  EXPECT_FALSE(staged.contains("metadata-location"));
  EXPECT_EQ(Send("HEAD", "/v1/DB/namespaces/s/tables/t").status, 404);
  Json schema = staged["metadata"]["schemas"][0];
  const Json commit = {
      {"requirements", {{{"type", "assert-create"}}}},
      {"updates",
       {{{"action", "assign-uuid"}, {"uuid", staged["metadata"]["table-uuid"]}},
        {{"action", "add-schema"}, {"schema", schema}, {"last-column-id", 2}},
        {{"action", "set-current-schema"}, {"schema-id", -1}},
        {{"action", "add-spec"}, {"spec", {{"spec-id", 0}, {"fields", Json::array()}}}},
        {{"action", "set-default-spec"}, {"spec-id", -1}},
        {{"action", "add-sort-order"},
         {"sort-order", {{"order-id", 0}, {"fields", Json::array()}}}},
        {{"action", "set-default-sort-order"}, {"sort-order-id", -1}},
        {{"action", "set-location"}, {"location", staged["metadata"]["location"]}}}}};
  const Json done = Must200("POST", "/v1/DB/namespaces/s/tables/t", commit);
  EXPECT_EQ(done["metadata"]["metadata-log"], Json::array());
  EXPECT_EQ(Told(Send("POST", "/v1/DB/namespaces/s/tables/t", commit)),
            "409 CommitFailedException: Requirement failed: table already exists");
}

TEST_F(CatalogTest, EtagOfACommitIsThatOfALoad) {
  MakeSchema();
  MakeTable("t");
  const Response committed =
      Send("POST", "/v1/DB/namespaces/s/tables/t",
           {{"updates", {{{"action", "set-properties"}, {"updates", {{"k", "v"}}}}}}});
  const std::string etag = HeaderOf(committed, "ETag");
  const Response loaded = Send("GET", "/v1/DB/namespaces/s/tables/t");
  EXPECT_EQ(HeaderOf(loaded, "ETag"), etag);
  const Response unchanged =
      Send("GET", "/v1/DB/namespaces/s/tables/t", nullptr, {{"if-none-match", etag}});
  EXPECT_EQ(unchanged.status, 304);
  EXPECT_EQ(unchanged.body, "");
  const Response refs = Send("GET", "/v1/DB/namespaces/s/tables/t?snapshots=refs", nullptr,
                             {{"if-none-match", etag}});
  EXPECT_EQ(refs.status, 200);
  EXPECT_NE(HeaderOf(refs, "ETag"), etag);
}

TEST_F(CatalogTest, PagesNeitherRepeatNorMiss) {
  MakeSchema();
  for (const char* name : {"c", "a b", "d", "b"}) MakeTable(name);
  const Json all = Must200("GET", "/v1/DB/namespaces/s/tables");
  EXPECT_EQ(all["identifiers"].size(), 4U);
  EXPECT_FALSE(all.contains("next-page-token"));
  std::vector<std::string> names;
  std::string token;
  for (int page = 0; page < 4; ++page) {
    const Json listed = Must200("GET", "/v1/DB/namespaces/s/tables?pageSize=3&pageToken=" + token);
    for (const Json& identifier : listed["identifiers"]) names.push_back(identifier["name"]);
    if (!listed.contains("next-page-token")) break;
    token = EncodeUriPart(std::string(listed["next-page-token"]));
    // What is dropped meanwhile leaves no hole.
    Must204("DELETE", "/v1/DB/namespaces/s/tables/c");
  }
  EXPECT_EQ(names, (std::vector<std::string>{"a b", "b", "c", "d"}));
  EXPECT_EQ(Send("GET", "/v1/DB/namespaces/s/tables?pageToken=x").status, 400);
  EXPECT_EQ(Send("GET", "/v1/DB/namespaces/s/tables?pageToken=&pageSize=0").status, 400);
}

TEST_F(CatalogTest, RequestWithAKeyIsDoneOnce) {
  MakeSchema();
  const Json body = {{"name", "t"}, {"schema", TwoColumns()}};
  const std::map<std::string, std::string, std::less<>> key = {{"idempotency-key", "0195-k"}};
  const Response first = Send("POST", "/v1/DB/namespaces/s/tables", body, key);
  EXPECT_EQ(first.status, 200);
  const Response again = Send("POST", "/v1/DB/namespaces/s/tables", body, key);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(HeaderOf(again, "ETag"), HeaderOf(first, "ETag"));
  EXPECT_EQ(Send("POST", "/v1/DB/namespaces/s/tables", body).status, 409);
  EXPECT_EQ(Send("POST", "/v1/DB/namespaces/s/tables", {{"name", "u"}}, key).status, 422);
}

TEST_F(CatalogTest, TablesLieWhereTheyMay) {
  MakeSchema();
  const auto create = [&](const std::string& location) {
    return Send("POST", "/v1/DB/namespaces/s/tables",
                {{"name", "t"}, {"schema", TwoColumns()}, {"location", location}});
  };
  EXPECT_EQ(create("file:///etc/t").status, 403);
  EXPECT_EQ(create("s3://bucket/t").status, 403);
  EXPECT_EQ(create("nowhere").status, 400);
  EXPECT_EQ(create(account_->tables_location() + "/../t").status, 400);
  EXPECT_EQ(create(account_->tables_location() + "/mine").status, 200);
  const Json moved = {{{"action", "set-location"}, {"location", "file:///etc"}}};
  EXPECT_EQ(Send("POST", "/v1/DB/namespaces/s/tables/t", {{"updates", moved}}).status, 403);
  const Json path = {
      {{"action", "set-properties"}, {"updates", {{"write.metadata.path", "file:///etc"}}}}};
  EXPECT_EQ(Send("POST", "/v1/DB/namespaces/s/tables/t", {{"updates", path}}).status, 403);
}

TEST_F(CatalogTest, SnapshotOfForeignFilesIsRefused) {
  MakeSchema();
  const Json other = MakeTable("other");
  MakeTable("t");
  const std::string list = std::string(other["metadata"]["location"]) + "/metadata/snap.avro";
  const Json add = {{{"action", "add-snapshot"},
                     {"snapshot",
                      {{"snapshot-id", 1},
                       {"sequence-number", 1},
                       {"timestamp-ms", 1'900'000'000'000},
                       {"manifest-list", list},
                       {"summary", {{"operation", "append"}}},
                       {"schema-id", 0}}}}};
  const Response refused = Send("POST", "/v1/DB/namespaces/s/tables/t", {{"updates", add}});
  EXPECT_EQ(refused.status, 403) << refused.body;
}

TEST_F(CatalogTest, ViewComesBackAndIsReplaced) {
  MakeSchema();
  const Json version = {
      {"version-id", 1},
      {"timestamp-ms", 12345},
      {"schema-id", 0},
      {"summary", {{"engine-name", "spark"}}},
      {"representations", {{{"type", "sql"}, {"sql", "select 1"}, {"dialect", "spark"}}}},
      {"default-namespace", {"s"}}};
  const Json made = Must200("POST", "/v1/DB/namespaces/s/views",
                            {{"name", "v"},
                             {"schema", TwoColumns()},
                             {"view-version", version},
                             {"properties", {{"k", "v"}}}});
  EXPECT_EQ(made["metadata"]["current-version-id"], 1);
  EXPECT_EQ(Must200("GET", "/v1/DB/namespaces/s/views/v"), made);
  EXPECT_EQ(
      Told(Send("POST", "/v1/DB/namespaces/s/tables", {{"name", "v"}, {"schema", TwoColumns()}})),
      "409 AlreadyExistsException: View with same name already exists: s.v");
  const Json done = Must200(
      "POST", "/v1/DB/namespaces/s/views/v",
      {{"requirements", {{{"type", "assert-view-uuid"}, {"uuid", made["metadata"]["view-uuid"]}}}},
       {"updates", {{{"action", "set-properties"}, {"updates", {{"k", "w"}}}}}}});
  EXPECT_EQ(done["metadata"]["properties"]["k"], "w");
  EXPECT_NE(done["metadata-location"], made["metadata-location"]);
  Must204("POST", "/v1/DB/views/rename",
          {{"source", {{"namespace", {"s"}}, {"name", "v"}}},
           {"destination", {{"namespace", {"s"}}, {"name", "w"}}}});
  Must204("DELETE", "/v1/DB/namespaces/s/views/w");
  EXPECT_EQ(Told(Send("GET", "/v1/DB/namespaces/s/views/w")),
            "404 NoSuchViewException: View does not exist: s.w");
}

TEST_F(CatalogTest, NothingIsLeftOfWhatWasRefused) {
  MakeSchema();
  MakeTable("t");
  EXPECT_EQ(Send("POST", "/v1/DB/namespaces/s/tables/t",
                 {{"updates", {{{"action", "set-current-schema"}, {"schema-id", 42}}}}})
                .status,
            400);
  EXPECT_TRUE(account_->tables().journal->Entries().empty());
}

}  // namespace
}  // namespace tarn::rest
