// SPDX-License-Identifier: Apache-2.0
#include "rest/uri_text.h"

#include <gtest/gtest.h>

#include "rest/routes.h"

namespace tarn::rest {
namespace {

using Levels = std::vector<std::string>;

TEST(UriText, DecodesPartsAsClientsEncodeThem) {
  EXPECT_EQ(DecodeUriPart("a%2Fb"), "a/b");
  EXPECT_EQ(DecodeUriPart("a+b%20c%2B"), "a b c+");
  EXPECT_EQ(DecodeUriPart("%C3%A4"), "ä");
  EXPECT_EQ(DecodeUriPart("100%"), "100%");
  EXPECT_EQ(DecodeUriPart("%zz%4"), "%zz%4");
  EXPECT_EQ(DecodeUriPart(EncodeUriPart("a/b c+ä%")), "a/b c+ä%");
}

// The specification's example: the namespace accounting.tax is accounting%1Ftax.
TEST(UriText, SplitsNamespacesBeforeDecoding) {
  EXPECT_EQ(NamespaceOfPath("accounting%1Ftax"), (Levels{"accounting", "tax"}));
  EXPECT_EQ(NamespaceOfPath("accounting%1ftax"), (Levels{"accounting", "tax"}));
  EXPECT_EQ(NamespaceOfPath("a%2Fb"), (Levels{"a/b"}));
  // An encoded percent sign is no beginning of a separator.
  EXPECT_EQ(NamespaceOfPath("a%251Fb"), (Levels{"a%1Fb"}));
  EXPECT_EQ(NamespaceOfText("a\x1F"
                            "b"),
            (Levels{"a", "b"}));
  EXPECT_EQ(NamespaceOfText(""), Levels{});
}

TEST(UriText, ReadsForms) {
  const auto form = ParseForm("grant_type=client_credentials&client_secret=a%26b+c&pageToken=&x");
  EXPECT_EQ(form.at("client_secret"), "a&b c");
  EXPECT_EQ(form.at("pageToken"), "");
  EXPECT_EQ(form.at("x"), "");
  EXPECT_EQ(form.size(), 4U);
}

TEST(Routes, FindPathsWithAndWithoutPrefix) {
  const auto with = FindRoute("GET", "/v1/my%20db/namespaces/a%1Fb/tables/t");
  ASSERT_TRUE(with);
  EXPECT_EQ(with->endpoint->path, "/v1/{prefix}/namespaces/{namespace}/tables/{table}");
  EXPECT_EQ(with->prefix, "my%20db");
  EXPECT_EQ(with->name_space, "a%1Fb");
  EXPECT_EQ(with->name, "t");

  const auto without = FindRoute("POST", "/v1/namespaces/a/properties");
  ASSERT_TRUE(without);
  EXPECT_EQ(without->prefix, "");
  EXPECT_EQ(without->name_space, "a");

  EXPECT_EQ(FindRoute("GET", "/v1/config")->endpoint->path, "/v1/config");
  EXPECT_EQ(FindRoute("PUT", "/v1/namespaces").error().status, 405);
  EXPECT_EQ(FindRoute("GET", "/v1/nothing").error().status, 404);
  EXPECT_EQ(FindRoute("GET", "/").error().status, 404);
}

TEST(Routes, PrefixIsNeverTakenForAWordOfThePath) {
  for (const char* name : {"DB", "namespaces", "tables", "my db", "a/b"}) {
    const std::string path = "/v1/" + PrefixOf(name) + "/namespaces/namespaces";
    const auto route = FindRoute("GET", path);
    ASSERT_TRUE(route) << path;
    EXPECT_EQ(DecodeUriPart(route->prefix), name);
    EXPECT_EQ(route->name_space, "namespaces");
  }
}

}  // namespace
}  // namespace tarn::rest
