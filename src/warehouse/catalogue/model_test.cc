// SPDX-License-Identifier: Apache-2.0
// Random DDL against a model in memory: errors, rollbacks, reopening and kills included.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include "warehouse/catalogue/alter.h"
#include "warehouse/catalogue/drop.h"
#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {
namespace {

/// One database's schemas and sequences as plain maps. Undrop remembers a stack per name.
struct Model {
  struct SchemaModel {
    std::map<std::string, int64_t> sequences;  ///< name → increment
    bool operator==(const SchemaModel&) const = default;
  };
  std::map<std::string, SchemaModel> schemas;
  std::map<std::string, std::vector<SchemaModel>> dropped;

  bool operator==(const Model& other) const { return schemas == other.schemas; }
};

enum class Outcome : uint8_t { kDone, kExists, kMissing };

struct Step {
  int operation = 0;
  std::string schema, other_schema, sequence, other_sequence;
  int64_t increment = 1;
};

Step RandomStep(std::minstd_rand& random) {
  const auto name = [&](const char* prefix, int count) {
    return prefix + std::to_string(random() % static_cast<unsigned>(count));
  };
  return {.operation = static_cast<int>(random() % 8),
          .schema = name("S", 3),
          .other_schema = name("S", 3),
          .sequence = name("Q", 3),
          .other_sequence = name("Q", 3),
          .increment = 1 + static_cast<int64_t>(random() % 1000)};
}

Outcome ApplyToSequence(Model::SchemaModel& schema, const Step& step) {
  const bool exists = schema.sequences.contains(step.sequence);
  switch (step.operation) {
    case 3:  // CREATE
      if (exists) return Outcome::kExists;
      schema.sequences[step.sequence] = step.increment;
      return Outcome::kDone;
    case 4:  // CREATE OR REPLACE
      schema.sequences[step.sequence] = step.increment;
      return Outcome::kDone;
    case 5:  // ALTER
      if (!exists) return Outcome::kMissing;
      schema.sequences[step.sequence] = step.increment;
      return Outcome::kDone;
    case 6:  // DROP
      return schema.sequences.erase(step.sequence) == 1 ? Outcome::kDone : Outcome::kMissing;
    default:
      return Outcome::kDone;
  }
}

Outcome Apply(Model& model, const Step& step) {
  const auto found = model.schemas.find(step.schema);
  const bool exists = found != model.schemas.end();
  switch (step.operation) {
    case 0:  // CREATE SCHEMA
      if (exists) return Outcome::kExists;
      model.schemas[step.schema] = {};
      return Outcome::kDone;
    case 1:  // DROP SCHEMA
      if (!exists) return Outcome::kMissing;
      model.dropped[step.schema].push_back(std::move(found->second));
      model.schemas.erase(found);
      return Outcome::kDone;
    case 2: {  // UNDROP SCHEMA
      auto& stack = model.dropped[step.schema];
      if (exists) return Outcome::kExists;
      if (stack.empty()) return Outcome::kMissing;
      model.schemas[step.schema] = std::move(stack.back());
      stack.pop_back();
      return Outcome::kDone;
    }
    case 7: {  // RENAME of a sequence, perhaps into another schema
      const auto target = model.schemas.find(step.other_schema);
      if (!exists || !found->second.sequences.contains(step.sequence)) return Outcome::kMissing;
      if (target == model.schemas.end()) return Outcome::kMissing;
      const bool same = step.schema == step.other_schema && step.sequence == step.other_sequence;
      if (!same && target->second.sequences.contains(step.other_sequence)) return Outcome::kExists;
      auto moved = found->second.sequences.extract(step.sequence);
      moved.key() = step.other_sequence;
      target->second.sequences.insert(std::move(moved));
      return Outcome::kDone;
    }
    default:
      return exists ? ApplyToSequence(found->second, step) : Outcome::kMissing;
  }
}

class ModelTest : public MetastoreTest {
 protected:
  ModelTest() {
    Create(admin_, "d", Database{});
    admin_.database = "D";
  }

  StatementResult<> Run(Transaction& transaction, const Step& step) {
    const ObjectName schema{.name = step.schema};
    const ObjectName sequence{.schema = step.schema, .name = step.sequence};
    switch (step.operation) {
      case 0:
        STATEMENT_TRY(CreateObject(transaction, admin_, {.name = schema, .definition = Schema{}}));
        return {};
      case 1:
        STATEMENT_TRY(
            DropObject(transaction, admin_, {.kind = ObjectKind::kSchema, .name = schema}));
        return {};
      case 2:
        STATEMENT_TRY(UndropObject(transaction, admin_, ObjectKind::kSchema, schema));
        return {};
      case 3:
      case 4:
        STATEMENT_TRY(CreateObject(
            transaction, admin_,
            {.name = sequence,
             .definition = Sequence{.increment = step.increment},
             .on_existing = step.operation == 4 ? OnExisting::kReplace : OnExisting::kFail}));
        return {};
      case 5:
        STATEMENT_TRY(Alter<Sequence>(transaction, admin_, {.name = sequence},
                                      [&](Sequence& definition) -> StatementResult<> {
                                        definition.increment = step.increment;
                                        return {};
                                      }));
        return {};
      case 6:
        STATEMENT_TRY(
            DropObject(transaction, admin_, {.kind = ObjectKind::kSequence, .name = sequence}));
        return {};
      default:
        STATEMENT_TRY(RenameObject(transaction, admin_,
                                   {.kind = ObjectKind::kSequence, .name = sequence},
                                   {.schema = step.other_schema, .name = step.other_sequence}));
        return {};
    }
  }

  static Outcome OutcomeOf(const StatementResult<>& result) {
    if (result) return Outcome::kDone;
    EXPECT_TRUE(result.error().code == "002002" || result.error().code == "002003") << Told(result);
    return result.error().code == "002002" ? Outcome::kExists : Outcome::kMissing;
  }

  Model Stored() {
    Model model;
    const auto snapshot = Must(metastore_->Read());
    const ObjectId database = Must(snapshot->FindNamed(kAccountId, "database", "D"))->id;
    for (const ObjectHead& schema : Must(snapshot->Heads(
             "WHERE o.container_id = ? AND o.name LIKE 'S_' AND o.dropped_ms IS NULL", database))) {
      auto& stored = model.schemas[schema.name];
      for (const auto& sequence : Must(snapshot->Objects<Sequence>(
               "WHERE o.container_id = ? AND o.dropped_ms IS NULL", schema.id))) {
        stored.sequences[sequence.head.name] = sequence.value.increment;
      }
    }
    return model;
  }
};

TEST_F(ModelTest, RandomStatementsAndRollbacks) {
  constexpr uint32_t kSeed = 42;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::minstd_rand random(kSeed);
  Model model;
  for (int round = 0; round < 400; ++round) {
    // A transaction of one to three statements; some are thrown away at the end.
    Model changed = model;
    const bool abandoned = random() % 5 == 0;
    const auto statements = 1 + random() % 3;
    Outcome outcome = Outcome::kDone;
    std::vector<Step> steps;
    for (uint32_t i = 0; i < statements && outcome == Outcome::kDone; ++i) {
      steps.push_back(RandomStep(random));
      outcome = Apply(changed, steps.back());
      clock_.Advance(1);
    }
    const StatementResult<> result =
        metastore_->Commit([&](Transaction& transaction) -> StatementResult<> {
          for (const Step& step : steps) STATEMENT_TRY(Run(transaction, step));
          if (!abandoned) return {};
          return std::unexpected(StatementError{.error = {}, .code = "abandoned"});
        });
    if (!abandoned || outcome != Outcome::kDone) {
      ASSERT_EQ(OutcomeOf(result), outcome) << "round " << round << " " << Told(result);
    }
    if (result) model = std::move(changed);
    ASSERT_EQ(Stored(), model) << "round " << round;
    if (round % 100 == 99) {
      Reopen();
      admin_.database = "D";
    }
  }
}

/// A child runs a seeded sequence of statements, writing a line before and after each, and is
/// killed: what it acknowledged is there, and of what it did not at most one more.
TEST_F(ModelTest, KilledItKeepsWhatItAcknowledged) {
  std::minstd_rand delays(7);
  const std::string ledger = directory_.path() + "/ledger";
  uint32_t seed = 100;
  Model model;
  int64_t acknowledged = 0;
  for (int round = 0; round < 5; ++round, ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    metastore_.reset();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Reopen();
      admin_.database = "D";
      std::minstd_rand random(seed);
      std::ofstream out(ledger);
      for (;;) {
        const Step step = RandomStep(random);
        (void)metastore_->Commit([&](Transaction& transaction) { return Run(transaction, step); });
        out << "." << std::flush;
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + delays() % 200));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    std::ifstream in(ledger);
    const std::string done((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    std::minstd_rand random(seed);
    for (size_t i = 0; i < done.size(); ++i) (void)Apply(model, RandomStep(random));
    acknowledged += static_cast<int64_t>(done.size());
    Model one_more = model;
    (void)Apply(one_more, RandomStep(random));
    Reopen();
    admin_.database = "D";
    const Model stored = Stored();
    EXPECT_TRUE(stored == model || stored == one_more);
    if (stored != model) model = one_more;
    std::ofstream(ledger, std::ios::trunc);
  }
  EXPECT_GT(acknowledged, 0);
}

}  // namespace
}  // namespace tarn::warehouse
