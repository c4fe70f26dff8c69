// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/name_mapping.h"

#include <gtest/gtest.h>

namespace tarn::iceberg {
namespace {

// The example of the specification, "Name Mapping Serialization".
constexpr const char* kExample = R"([
  { "field-id": 1, "names": ["id", "record_id"] },
  { "field-id": 2, "names": ["data"] },
  { "field-id": 3, "names": ["location"], "fields": [
      { "field-id": 4, "names": ["latitude", "lat"] },
      { "field-id": 5, "names": ["longitude", "long"] } ] } ])";

TEST(NameMappingTest, ReadsTheExampleOfTheSpecification) {
  const auto mapping = ParseNameMapping(kExample);
  ASSERT_TRUE(mapping) << mapping.error().message;
  ASSERT_EQ(mapping->size(), 3U);
  EXPECT_EQ(FindMapped(*mapping, "record_id")->id, FieldId(1));
  EXPECT_EQ(FindMapped(*mapping, "lat"), nullptr) << "names are those of siblings";
  const MappedField* location = FindMapped(*mapping, "location");
  ASSERT_NE(location, nullptr);
  EXPECT_EQ(FindMapped(location->fields, "long")->id, FieldId(5));
  EXPECT_EQ(FindMapped(*mapping, "location.lat"), nullptr) << "a dot is a part of a name";
}

TEST(NameMappingTest, RefusesWhatIsNoMapping) {
  for (const char* text :
       {"", "{}", "[1]", R"([{"field-id": 1}])", R"([{"names": [1]}])",
        R"([{"names": ["a"], "field-id": "x"}])", R"([{"names": ["a"]}, {"names": ["a"]}])"}) {
    const auto mapping = ParseNameMapping(text);
    ASSERT_FALSE(mapping) << text;
    EXPECT_EQ(mapping.error().kind, ErrorKind::kCorruption);
  }
  EXPECT_TRUE(ParseNameMapping("[]"));
}

}  // namespace
}  // namespace tarn::iceberg
