// SPDX-License-Identifier: Apache-2.0
#include "provision/table_name.h"

#include <gtest/gtest.h>

namespace tarn::provision {
namespace {

// What PostgreSQL 17's parse_ident() makes of the same texts.
TEST(TableName, IsReadAsSqlReadsIt) {
  EXPECT_EQ(ParseTableName("shop.public.items"), (TableName{"shop", "public", "items"}));
  EXPECT_EQ(ParseTableName("Shop.PUBLIC.It$ems_2"), (TableName{"shop", "public", "it$ems_2"}));
  EXPECT_EQ(ParseTableName("\"Shop\".public.\"a.b\"\"c/d \""),
            (TableName{"Shop", "public", "a.b\"c/d "}));
  EXPECT_EQ(ParseTableName("a.b.Ärger"), (TableName{"a", "b", "Ärger"}));
}

TEST(TableName, OthersAreNone) {
  for (const char* text :
       {"", "items", "public.items", "a.b.c.d", "a..c", "a.b.", ".a.b", "a.b.\"\"", "a.b.\"c",
        "a.b.c\"", "a.b.\"c\"d", "1.b.c", "a.b.c d", "a.b.c-d", "x/a.b.c", "a.b.c/d",
        "00001-1f.metadata.json", "../a.b.c", "s3://a/b.c.d"}) {
    EXPECT_FALSE(ParseTableName(text).has_value()) << text;
  }
}

TEST(TableName, IsShownAsItCanBeTyped) {
  for (const TableName& name : {TableName{"shop", "public", "items"}, TableName{"A", "b c", "\"d"},
                                TableName{"1", "é", "x.y"}}) {
    EXPECT_EQ(ParseTableName(ToString(name)), name) << ToString(name);
  }
  EXPECT_EQ(ToString({"shop", "Sales", "it\"em"}), "shop.\"Sales\".\"it\"\"em\"");
}

}  // namespace
}  // namespace tarn::provision
