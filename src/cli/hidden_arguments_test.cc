// SPDX-License-Identifier: Apache-2.0
#include "cli/hidden_arguments.h"

#include <gmock/gmock.h>

namespace tarn::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(HiddenArguments, PasswordsOfUrlsAreOverwrittenInPlace) {
  for (const char* url :
       {"postgresql://me:s3cret@h:5432/shop?sslmode=require", "postgres://me:s3cret@a:1,b:2/d",
        "--url=postgresql://h/d?password=s3cret&sslmode=require", "postgresql://:s3cret@/d",
        "postgresql://me:s3cret@%2Ftmp/d"}) {
    std::string program = "tarn", command = "capture", argument = url;
    char* argv[] = {program.data(), command.data(), argument.data(), nullptr};
    EXPECT_THAT(TakeArguments(3, argv), ElementsAre("capture", url));
    EXPECT_THAT(argument, Not(HasSubstr("s3cret"))) << url;
    EXPECT_EQ(argument.size(), std::string(url).size());
  }
}

TEST(HiddenArguments, OthersStay) {
  for (const char* text : {"postgresql://me@h:5432/shop", "SELECT 'password=x'", "a:b@c", ""}) {
    std::string program = "tarn", argument = text;
    char* argv[] = {program.data(), argument.data(), nullptr};
    EXPECT_THAT(TakeArguments(2, argv), ElementsAre(text));
    EXPECT_EQ(argument, text);
  }
}

}  // namespace
}  // namespace tarn::cli
