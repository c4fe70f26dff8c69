// SPDX-License-Identifier: Apache-2.0
// `sequence.NEXTVAL`, after Snowflake's "Using Sequences": every place gives every row a number of
// its own, and none comes twice.
#include "warehouse/session/sequence_numbers.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <thread>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SequenceNumbersTest : public ManagedTableTest {
 protected:
  SequenceNumbersTest() { Run("CREATE SEQUENCE seq1"); }
};

TEST_F(SequenceNumbersTest, EveryPlaceHasItsOwnNumber) {
  const Lines two = Run("SELECT seq1.NEXTVAL a, seq1.NEXTVAL b FROM DUAL");
  ASSERT_EQ(two.size(), 1U);
  EXPECT_TRUE(two[0] == "1|2" || two[0] == "2|1") << two[0];
  // "To return two columns with the same generated sequence value, use nested subqueries".
  EXPECT_EQ(Run("SELECT seqRef.a a, seqRef.a b FROM (SELECT seq1.NEXTVAL a FROM DUAL) seqRef"),
            Lines{"3|3"});
  EXPECT_EQ(Run("SELECT d.public.seq1.nextval, 1"), Lines{"4|1"});
  // Nobody needs a FROM.
  EXPECT_EQ(Run("SELECT seq1.NEXTVAL"), Lines{"5"});
  EXPECT_EQ(Run("SELECT IFF(TRUE, seq1.NEXTVAL * 10, 0) AS tenfold"), Lines{"60"});
}

TEST_F(SequenceNumbersTest, EveryRowHasItsOwnNumber) {
  Run("CREATE TABLE foo (n NUMBER)");
  Run("INSERT INTO foo VALUES (100), (101), (102)");
  Lines numbers = Run("SELECT seq1.NEXTVAL FROM foo");
  std::ranges::sort(numbers);
  EXPECT_EQ(numbers, (Lines{"1", "2", "3"}));
  EXPECT_EQ(Run("SELECT COUNT(DISTINCT a), COUNT(*) FROM (SELECT seq1.NEXTVAL a FROM foo, foo b)"),
            Lines{"9|9"});
}

TEST_F(SequenceNumbersTest, NumbersAreKeysOfWhatIsWritten) {
  Run("CREATE TABLE foo (k NUMBER, v NUMBER)");
  Run("INSERT INTO foo VALUES (seq1.NEXTVAL, 100)");
  Run("INSERT INTO foo VALUES (seq1.NEXTVAL, 101), (seq1.NEXTVAL, 102)");
  EXPECT_EQ(Run("SELECT * FROM foo ORDER BY v"), (Lines{"1|100", "2|101", "3|102"}));
  Run("INSERT INTO foo (k, v) SELECT seq1.NEXTVAL, v + 100 FROM foo");
  EXPECT_EQ(Run("SELECT COUNT(*), COUNT(DISTINCT k), MIN(k), MAX(k) FROM foo"), Lines{"6|6|1|6"});
  Run("UPDATE foo SET k = seq1.NEXTVAL WHERE v < 200");
  EXPECT_EQ(Run("SELECT COUNT(DISTINCT k), MAX(k) FROM foo"), Lines{"6|9"});
  Run("CREATE TABLE bar AS SELECT seq1.NEXTVAL AS k, v FROM foo");
  EXPECT_EQ(Run("SELECT COUNT(DISTINCT k), MIN(k) FROM bar"), Lines{"6|10"});
  // Also in a default, from the same row of numbers.
  Run("CREATE TABLE baz (k NUMBER DEFAULT seq1.NEXTVAL, v NUMBER)");
  Run("INSERT INTO baz (v) VALUES (1)");
  EXPECT_EQ(Run("SELECT k FROM baz"), Lines{"16"});
  EXPECT_EQ(Run("SELECT seq1.NEXTVAL"), Lines{"17"});
  // MERGE and multi-table INSERT.
  Run("MERGE INTO baz USING (SELECT 1 AS v UNION ALL SELECT 2) s ON baz.v = s.v WHEN NOT MATCHED "
      "THEN INSERT (k, v) VALUES (seq1.NEXTVAL, s.v)");
  EXPECT_EQ(Run("SELECT COUNT(*), COUNT(DISTINCT k) FROM baz"), Lines{"2|2"});
}

// "Sequences as Table Functions".
TEST_F(SequenceNumbersTest, GetNextValNumbersWhatStandsBeforeIt) {
  Run("CREATE TABLE foo (n NUMBER)");
  Run("INSERT INTO foo VALUES (100), (101), (102)");
  EXPECT_EQ(Run("SELECT COUNT(DISTINCT n), COUNT(DISTINCT m), MIN(m), MAX(m), SUM(IFF(m = k, 1, "
                "0)) FROM (SELECT n, s.nextval AS m, s.nextval AS k FROM foo, "
                "TABLE(GETNEXTVAL(seq1)) s)"),
            Lines{"3|3|1|3|3"});
  EXPECT_EQ(Run("SELECT COUNT(*), COUNT(DISTINCT s.NEXTVAL) FROM foo t1, foo t2, "
                "TABLE(GETNEXTVAL(seq1)) s, foo t3 WHERE t1.n < 102 AND t3.n > t2.n"),
            Lines{"6|4"});
  EXPECT_EQ(Run("SELECT t.*, s.* FROM (SELECT 5 AS a) t, TABLE(GETNEXTVAL(seq1)) s").size(), 1U);
  EXPECT_THAT(ErrorOf("SELECT 1 FROM foo, TABLE(GETNEXTVAL(seq1))"), StartsWith("001003"));
  EXPECT_THAT(ErrorOf("SELECT 1 FROM foo, TABLE(GETNEXTVAL(nobody)) s"), StartsWith("000904"));
  EXPECT_THAT(ErrorOf("SELECT 1 FROM foo JOIN TABLE(GETNEXTVAL(seq1)) s"), StartsWith("000002"));
}

// "Ingesting and Normalizing Denormalized Data".
TEST_F(SequenceNumbersTest, RowsOfSeveralTablesAreLinked) {
  Run("CREATE OR REPLACE TABLE people (id number, firstName string, lastName string)");
  Run("CREATE OR REPLACE TABLE contact (id number, p_id number, c_type string, data string)");
  Run("CREATE OR REPLACE SEQUENCE people_seq");
  Run("CREATE OR REPLACE SEQUENCE contact_seq");
  Run("CREATE OR REPLACE TABLE input (json variant)");
  Run("INSERT INTO input SELECT parse_json($$[ {firstName : 'John', lastName : 'Doe', contacts : "
      "[ {contactType : 'phone', contactData : '1234567890'}, {contactType : 'email', contactData "
      ": 'jdoe@example.com'} ] }, {firstName : 'Mister', lastName : 'Smith', contacts : [ "
      "{contactType : 'phone', contactData : '0987654321'}, {contactType : 'email', contactData : "
      "'msmith@example.com'} ] }, {firstName : 'George', lastName : 'Washington', contacts : [ "
      "{contactType : 'phone', contactData : '1231231234'}, {contactType : 'email', contactData : "
      "'gwashington@example.com'} ] } ]$$)");
  Run("INSERT ALL WHEN 1=1 THEN INTO contact VALUES (c_next, p_next, contact_value:contactType, "
      "contact_value:contactData) WHEN contact_index = 0 THEN INTO people VALUES (p_next, "
      "person_value:firstName, person_value:lastName) SELECT * FROM (SELECT f1.value person_value, "
      "f2.value contact_value, f2.index contact_index, p_seq.NEXTVAL p_next, c_seq.NEXTVAL c_next "
      "FROM input, LATERAL FLATTEN(input.json) f1, TABLE(GETNEXTVAL(people_seq)) p_seq, LATERAL "
      "FLATTEN(f1.value:contacts) f2, table(GETNEXTVAL(contact_seq)) c_seq)");
  EXPECT_EQ(Run("SELECT COUNT(*), COUNT(DISTINCT id), MIN(id), MAX(id) FROM people"),
            Lines{"3|3|1|3"});
  EXPECT_EQ(Run("SELECT COUNT(*), COUNT(DISTINCT id), MIN(id), MAX(id) FROM contact"),
            Lines{"6|6|1|6"});
  EXPECT_EQ(Run("SELECT p.lastName, c.data FROM people p JOIN contact c ON c.p_id = p.id WHERE "
                "c.c_type = 'email' ORDER BY 1"),
            (Lines{"Doe|jdoe@example.com", "Smith|msmith@example.com",
                   "Washington|gwashington@example.com"}));
}

TEST_F(SequenceNumbersTest, ManyRowsAndStepsDownwards) {
  Run("CREATE SEQUENCE down START = 0 INCREMENT = -5");
  EXPECT_EQ(Run("SELECT COUNT(*), COUNT(DISTINCT k), MAX(k), MAX(k % 5) FROM (SELECT down.NEXTVAL "
                "AS k FROM TABLE(GENERATOR(ROWCOUNT => 100000)))"),
            Lines{"100000|100000|0|0"});
  // "Values generated by a sequence are less than the minimum produced by a previous statement".
  const Lines next = Run("SELECT down.NEXTVAL");
  ASSERT_EQ(next.size(), 1U);
  EXPECT_LE(std::stoll(next[0]), -500000);
  Run("CREATE SEQUENCE last START = 9223372036854775806");
  EXPECT_EQ(Run("SELECT last.NEXTVAL"), Lines{"9223372036854775806"});
  EXPECT_THAT(ErrorOf("SELECT last.NEXTVAL"), StartsWith("100097 (22003)"));
}

TEST_F(SequenceNumbersTest, SessionsNeverShareANumber) {
  constexpr int kStatements = 30;
  std::vector<std::set<std::string>> seen(3);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : seen) {
      threads.emplace_back([&mine, this] {
        const auto session = OpenInSchema();
        for (int i = 0; i < kStatements; ++i) {
          for (const std::string& each : RunIn(*session, "SELECT seq1.NEXTVAL, seq1.NEXTVAL")) {
            mine.insert(each.substr(0, each.find('|')));
            mine.insert(each.substr(each.find('|') + 1));
          }
        }
      });
    }
  }
  std::set<std::string> all;
  for (const auto& mine : seen) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 3U * 2 * kStatements);
}

TEST_F(SequenceNumbersTest, WhereItMayStandAndWhoseItIs) {
  Run("CREATE TABLE t (a INT)");
  Run("INSERT INTO t VALUES (1), (2)");
  for (const char* text :
       {"SELECT a FROM t WHERE seq1.NEXTVAL > 0", "SELECT a FROM t ORDER BY seq1.NEXTVAL",
        "SELECT COUNT(*) FROM t GROUP BY seq1.NEXTVAL",
        "SELECT a FROM t JOIN t b ON b.a = seq1.NEXTVAL", "SELECT seq1.NEXTVAL AS n, n + 1 FROM t",
        "SELECT * FROM t AT (OFFSET => seq1.NEXTVAL)"}) {
    EXPECT_THAT(ErrorOf(text), StartsWith("000002 (0A000)")) << text;
  }
  EXPECT_THAT(ErrorOf("SELECT nothing.NEXTVAL"), HasSubstr("invalid identifier 'NOTHING.NEXTVAL'"));
  EXPECT_THAT(ErrorOf("SELECT seq1.CURRVAL"), StartsWith("000904"));
  // A column of that name is a column.
  EXPECT_EQ(Run("SELECT seq1.NEXTVAL FROM (SELECT 'c' AS nextval) seq1"), Lines{"c"});
  // Numbers are taken by running only.
  Must(session_->Prepare("SELECT seq1.NEXTVAL", {}, {}));
  EXPECT_EQ(Run("SELECT seq1.NEXTVAL"), Lines{"1"});
  // A block's expressions are queries.
  EXPECT_EQ(Run("BEGIN LET x INT := (SELECT seq1.NEXTVAL); RETURN x; END"), Lines{"2"});
  Run("CREATE ROLE clerk");
  Run("CREATE USER carl DEFAULT_ROLE = clerk");
  Run("GRANT ROLE clerk TO USER carl");
  Run("GRANT USAGE ON DATABASE d TO ROLE clerk");
  Run("GRANT USAGE ON SCHEMA d.public TO ROLE clerk");
  Run("CREATE VIEW v AS SELECT seq1.NEXTVAL AS n");
  Run("GRANT SELECT ON VIEW v TO ROLE clerk");
  const auto carl = Open({.user = "carl", .database = "d", .schema = "public"});
  EXPECT_THAT(Told(Try(*carl, "SELECT seq1.NEXTVAL")), StartsWith("000904"));
  EXPECT_EQ(Must(Try(*carl, "SELECT n FROM v")), Lines{"3"});
  Run("GRANT USAGE ON SEQUENCE seq1 TO ROLE clerk");
  EXPECT_EQ(Must(Try(*carl, "SELECT seq1.NEXTVAL")), Lines{"4"});
}

}  // namespace
}  // namespace tarn::warehouse
