// SPDX-License-Identifier: Apache-2.0
// Commits of other writers, as the engine sees them.
#include <algorithm>

#include "lake/testing/test_service.h"
#include "lake/wire_update.h"

namespace tarn::lake {
namespace {

class UpdateTest : public testing::Test {
 protected:
  UpdateTest() : client_(service_.Connect()) {
    place_ = service_.NewPlace();
    Append("", MakeRows(0, 3));
    place_.create = false;
    before_ = service_.Files();
  }

  void Append(const std::string& base, const std::vector<TestRow>& rows) {
    const auto made = service_.Append(*client_, place_, base, rows);
    ASSERT_TRUE(made) << made.error().message;
    current_ = made->metadata_location;
  }

  const iceberg::TableMetadata& Metadata(const std::string& location) {
    loaded_.push_back(service_.lake().tables->Load(location)->metadata);
    return *loaded_.back();
  }

  TableUpdate Updating(const std::string& updates, const std::string& requirements = "[]") const {
    return {.place = place_,
            .base_metadata_location = current_,
            .requirements = requirements,
            .updates = updates};
  }

  Result<UpdateOk> Send(std::vector<TableUpdate> tables) {
    TARN_ASSIGN(const Frame answer,
                client_->Call(MessageType::kUpdate,
                              Update{.transaction = key_, .tables = std::move(tables)}));
    return ParsePayload<UpdateOk>(answer.payload());
  }

  /// One table, all well.
  UpdatedTable Apply(const std::string& updates) {
    const auto answer = Send({Updating(updates)});
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? answer->tables.at(0) : UpdatedTable();
  }

  void Settle(std::vector<std::string> states, std::vector<std::string> discarded = {}) {
    const auto answer =
        client_->Call(MessageType::kSettleUpdates,
                      SettleUpdates{.transaction = key_,
                                    .tables = {{place_, std::move(states), std::move(discarded)}}});
    ASSERT_TRUE(answer) << answer.error().message;
  }

  void ExpectRefused(const std::string& updates, ErrorKind kind, const std::string& part) {
    const auto answer = Send({Updating(updates)});
    ASSERT_FALSE(answer) << updates;
    EXPECT_EQ(answer.error().kind, kind) << answer.error().message;
    EXPECT_NE(answer.error().message.find(part), std::string::npos) << answer.error().message;
    EXPECT_EQ(service_.Files(), before_);
  }

  /// A snapshot whose list is the current one's: the same rows.
  std::string SameRows(const std::string& list = "") {
    const iceberg::Snapshot& snapshot = *Metadata(current_).current_snapshot();
    return fmt::format(
        R"([{{"action":"add-snapshot","snapshot":{{"snapshot-id":77,"parent-snapshot-id":{},)"
        R"("sequence-number":{},"timestamp-ms":{},"manifest-list":"{}","schema-id":0,)"
        R"("summary":{{"operation":"append"}}}}}},)"
        R"({{"action":"set-snapshot-ref","ref-name":"main","type":"branch","snapshot-id":77}}])",
        snapshot.id.value(), snapshot.sequence_number.value() + 1, snapshot.timestamp_ms,
        list.empty() ? snapshot.manifest_list : list);
  }

  static std::string AddColumn(const std::string& type) {
    return R"([{"action":"add-schema","schema":{"type":"struct","fields":[)"
           R"({"id":2,"name":"text","required":false,"type":"string"},)"
           R"({"id":1,"name":"id","required":false,"type":"long"},)"
           R"({"id":3,"name":"new","required":false,"type":)" +
           type + R"(}]}},{"action":"set-current-schema","schema-id":-1}])";
  }

  static constexpr const char* kSetProperty =
      R"([{"action":"set-properties","updates":{"a":"b"}}])";

  TestService service_;
  std::unique_ptr<TestClient> client_;
  TablePlace place_;
  std::string current_;
  std::set<std::string> before_;
  std::vector<std::shared_ptr<const iceberg::TableMetadata>> loaded_;
  TransactionKey key_{.uuid = Uuid::Random(), .full_xid = 900, .database_oid = 5};
};

TEST_F(UpdateTest, RequirementsFailInTheWordsThatClientsCompare) {
  const auto answer = Send({Updating(
      kSetProperty, R"([{"type":"assert-ref-snapshot-id","ref":"main","snapshot-id":1}])")});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(answer.error().message.starts_with(
      "Requirement failed: branch main has changed: expected id 1 != "));
  EXPECT_EQ(service_.Files(), before_);
}

TEST_F(UpdateTest, TellsWhatItDoesToRowsAndDefinitions) {
  const UpdatedTable property = Apply(kSetProperty);
  EXPECT_FALSE(property.is_only_rows || property.adds_rows || property.removes_rows);
  const UpdatedTable same = Apply(SameRows());
  EXPECT_TRUE(same.is_only_rows);
  EXPECT_FALSE(same.adds_rows || same.removes_rows);
  EXPECT_EQ(same.snapshot_id, 77);
  const UpdatedTable emptied = Apply(R"([{"action":"remove-snapshot-ref","ref-name":"main"}])");
  EXPECT_FALSE(emptied.is_only_rows || emptied.adds_rows);
  EXPECT_TRUE(emptied.removes_rows);
  EXPECT_FALSE(emptied.snapshot_id);
  const UpdatedTable nothing = Apply("[]");
  EXPECT_EQ(nothing.metadata_location, current_);
}

TEST_F(UpdateTest, OneUpdateFollowsAnother) {
  const std::string base = current_;
  const UpdatedTable first = Apply(kSetProperty);
  current_ = first.metadata_location;
  const UpdatedTable second = Apply(SameRows());
  Settle({base, first.metadata_location, second.metadata_location});
  client_->Finish(key_.uuid, Outcome::kCommitted);
  const iceberg::TableMetadata& metadata = Metadata(second.metadata_location);
  EXPECT_EQ(metadata.properties.at("a"), "b");
  EXPECT_EQ(metadata.metadata_log.back().metadata_file, first.metadata_location);
  EXPECT_EQ(service_.Files().size(), before_.size() + 2);
  EXPECT_EQ(client_->Rows(second.metadata_location), MakeRows(0, 3));
}

TEST_F(UpdateTest, WhatASavepointTookBackGoesBeforeTheCommit) {
  const UpdatedTable gone = Apply(kSetProperty);
  const UpdatedTable kept = Apply(R"([{"action":"set-properties","updates":{"a":"c"}}])");
  EXPECT_NE(gone.metadata_location, kept.metadata_location);
  Settle({current_, kept.metadata_location}, {gone.metadata_location});
  EXPECT_EQ(service_.Files().size(), before_.size() + 1);
  EXPECT_EQ(Metadata(kept.metadata_location).properties.at("a"), "c");
  client_->Finish(key_.uuid, Outcome::kAborted);
  EXPECT_EQ(service_.Files(), before_);
}

TEST_F(UpdateTest, NothingIsLeftOfUpdatesThatNobodySettled) {
  Apply(kSetProperty);
  client_->Finish(key_.uuid, Outcome::kCommitted);
  EXPECT_EQ(service_.Files(), before_);
}

TEST_F(UpdateTest, AnEngineThatComesLaterKnowsTheFiles) {
  Apply(kSetProperty);
  client_.reset();
  service_.Restart();
  client_ = service_.Connect();
  const UpdatedTable second = Apply(kSetProperty);
  EXPECT_FALSE(second.metadata_location.empty());
  client_->Finish(key_.uuid, Outcome::kAborted);
  EXPECT_EQ(service_.Files(), before_);
}

TEST_F(UpdateTest, AllTablesOrNone) {
  TableUpdate second = Updating(kSetProperty);
  const std::string first_location = current_;
  second.place.table_oid = 1001;
  second.requirements = R"([{"type":"assert-create"}])";
  const auto answer = Send({Updating(kSetProperty), second});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "Requirement failed: table already exists");
  EXPECT_EQ(service_.Files(), before_);
}

TEST_F(UpdateTest, WhatIsDereferencedIsJournalledWhenItCounts) {
  const std::string old_list = Metadata(current_).current_snapshot()->manifest_list;
  const int64_t old_id = Metadata(current_).current_snapshot()->id.value();
  Append(current_, MakeRows(3, 1));
  const UpdatedTable updated =
      Apply(fmt::format(R"([{{"action":"remove-snapshots","snapshot-ids":[{}]}}])", old_id));
  const auto expired = [&] {
    const auto entry = service_.lake().journal->Find(key_.uuid);
    return entry ? entry->expired : std::vector<table::ExpiredFiles>();
  };
  EXPECT_TRUE(expired().empty());
  client_.reset();
  service_.Restart();
  client_ = service_.Connect();
  Settle({current_, updated.metadata_location});
  ASSERT_EQ(expired().size(), 1U);
  EXPECT_EQ(expired()[0].manifest_lists, std::vector<std::string>{old_list});
  EXPECT_EQ(expired()[0].metadata_location, updated.metadata_location);
}

TEST_F(UpdateTest, FilesStayInTheTablesLocation) {
  const std::string location = Metadata(current_).location;
  for (const std::string& list :
       {std::string("s3://lake/elsewhere/metadata/snap.avro"), location + "-x/metadata/snap.avro",
        location + "/../1001/metadata/snap.avro", location + "/metadata//snap.avro", location}) {
    ExpectRefused(SameRows(list), ErrorKind::kPermissionDenied, "outside the location");
  }
  ExpectRefused(SameRows(location + "/metadata/missing.avro"), ErrorKind::kNotFound, "missing");
}

TEST_F(UpdateTest, RefusesWhatPostgresCannotFollow) {
  for (const char* type :
       {R"("fixed[4]")",
        R"({"type":"map","key-id":4,"key":"string","value-id":5,)"
        R"("value":"string","value-required":false})",
        R"({"type":"struct","fields":[]})",
        R"({"type":"list","element-id":4,"element":"string","element-required":true})"}) {
    ExpectRefused(AddColumn(type), ErrorKind::kUnsupported, "\"new\"");
  }
  ExpectRefused(R"([{"action":"set-location","location":"s3://lake/x"}])", ErrorKind::kUnsupported,
                "location");
  ExpectRefused(R"([{"action":"do"}])", ErrorKind::kInvalidArgument, "do");
}

TEST_F(UpdateTest, AnAppendKeepsTheMetadatasOrderAndWritesUnpartitioned) {
  const UpdatedTable columns = Apply(AddColumn(R"("int")"));
  EXPECT_EQ(columns.fields_before.size(), 2U);
  EXPECT_EQ(columns.fields.size(), 3U);
  EXPECT_EQ(columns.last_column_id, 3);
  std::string base = current_;
  current_ = columns.metadata_location;
  const UpdatedTable partitioned = Apply(
      R"([{"action":"add-spec","spec":{"fields":[{"source-id":2,"field-id":1000,"name":"text",)"
      R"("transform":"identity"}]}},{"action":"set-default-spec","spec-id":-1}])");
  Settle({base, columns.metadata_location, partitioned.metadata_location});
  client_->Finish(key_.uuid, Outcome::kCommitted);

  // PostgreSQL's columns, in its own order.
  TestWrite write{.place = place_, .base = partitioned.metadata_location, .live = {{0, 2}}};
  write.key.full_xid = 901;
  client_->Send(MessageType::kBeginWrite,
                BeginWrite{write.key, write.storage, write.place, TestFields()});
  client_->Append(write.storage, 0, MakeRows(3, 2));
  lake::Prepare prepare = write.prepare();
  prepare.tables[0].fields.push_back(
      {.id = FieldId(3), .name = "new", .type = Type::Primitive(TypeKind::kInt)});
  prepare.tables[0].last_column_id = 3;
  ASSERT_TRUE(client_->Prepare(prepare));
  const auto committed = client_->Commit(write.commit());
  ASSERT_TRUE(committed) << committed.error().message;
  client_->Finish(write.key.uuid, Outcome::kCommitted);
  const std::string& location = committed->tables[0].metadata_location;
  const iceberg::TableMetadata& metadata = Metadata(location);
  std::vector<int32_t> ids;
  for (const Field& field : metadata.current_schema().fields) ids.push_back(field.id.value());
  EXPECT_EQ(ids, (std::vector<int32_t>{2, 1, 3}));
  EXPECT_EQ(metadata.schemas.size(), 2U);
  EXPECT_EQ(metadata.default_spec_id.value(), 1);
  EXPECT_EQ(client_->Rows(location), MakeRows(0, 5));
  service_.ExpectSound(location);
}

TEST_F(UpdateTest, ColumnsWithoutNullsTakeFilesThatSaySo) {
  // A list that the base does not know: its manifest is looked at anew.
  const std::string old = current_;
  TableUpdate update = Updating(kSetProperty);
  update.not_null = {FieldId(1)};
  EXPECT_TRUE(Send({update}));
  Append(current_, MakeRows(3, 1));
  const std::string list = Metadata(current_).current_snapshot()->manifest_list;
  current_ = old;
  TableUpdate append = Updating(SameRows(list));
  append.not_null = {FieldId(1), FieldId(2)};
  const auto taken = Send({append});
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_TRUE(taken->tables[0].adds_rows);
}

}  // namespace
}  // namespace tarn::lake
