// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/scram.h"

#include <gtest/gtest.h>

#include "server/postgres/message_reader.h"
#include "server/postgres/own_statement.h"

namespace tarn::server::postgres {
namespace {

// RFC 7677, "SCRAM-SHA-256 and SCRAM-SHA-256-PLUS", section 3: user "user", password "pencil".
constexpr std::string_view kVerifier =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

TEST(Scram, ReadsAStoredVerifier) {
  const auto verifier = ParseVerifier(kVerifier);
  ASSERT_TRUE(verifier.has_value());
  EXPECT_EQ(verifier->iterations, 4096);
  EXPECT_EQ(verifier->salt.size(), 16U);
  EXPECT_FALSE(ParseVerifier("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d:wfPL"));
  EXPECT_FALSE(ParseVerifier("md5abc"));
}

TEST(Scram, TheNonceIsTheClientsAndOurs) {
  ScramExchange exchange(*ParseVerifier(kVerifier), "user", "secret", "");
  const auto first = exchange.First(kScram, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(first->starts_with("r=rOprNGfwEbeRWgbNEkqO"));
  EXPECT_TRUE(first->ends_with(",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
  // A proof for another nonce is a violation; a wrong proof for the right one a wrong password.
  EXPECT_FALSE(
      exchange.Last("c=biws,r=rOprNGfwEbeRWgbNEkqO,"
                    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
  const std::string nonce = first->substr(0, first->find(','));
  const auto last =
      exchange.Last("c=biws," + nonce + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  ASSERT_TRUE(last.has_value());
  EXPECT_FALSE(last->authenticated);
}

TEST(Utf8, RefusesWhatIsNotShortest) {
  EXPECT_TRUE(IsUtf8("aé€𝄞"));
  for (const std::string_view bad : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82",
                                     "\x80", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
  EXPECT_FALSE(IsUtf8({"a\0b", 3}));
}

TEST(OwnStatement, LeavesTheWarehousesStatementsAlone) {
  for (const char* const text :
       {"SHOW TABLES", "SHOW WAREHOUSES LIKE 'x'", "SET v = 1", "SET (a, b) = (1, 2)",
        "BEGIN\n SELECT 1;\nEND", "DECLARE x INT; BEGIN END", "EXECUTE IMMEDIATE 'x'",
        "EXECUTE TASK t", "COPY INTO t FROM @s", "FETCH c INTO v", "SELECT 1", "SHOW PARAMETERS",
        "START x"}) {
    const auto own = ParseOwn(text);
    ASSERT_TRUE(own.has_value()) << text;
    EXPECT_FALSE(own->has_value()) << text;
  }
  for (const char* const text :
       {"SHOW timezone", "set TimeZone to 'UTC'", "BEGIN", "begin work;", "BEGIN NAME x",
        "BEGIN READ ONLY", "DECLARE c NO SCROLL CURSOR FOR SELECT 1", "EXECUTE p (1, 'a,b')",
        "COPY t (a) TO STDOUT", "/* x */ end -- y", "SET a.b = 1",
        "SHOW TRANSACTION ISOLATION LEVEL", "SET LOCAL x = 1"}) {
    const auto own = ParseOwn(text);
    ASSERT_TRUE(own.has_value()) << text;
    EXPECT_TRUE(own->has_value()) << text;
  }
}

}  // namespace
}  // namespace tarn::server::postgres
