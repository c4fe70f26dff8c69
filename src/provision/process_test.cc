// SPDX-License-Identifier: Apache-2.0
#include "provision/process.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tarn::provision {
namespace {

CommandOutput Shell(const std::string& script, std::string input = {}) {
  auto output = provision::Run({.argv = {"/bin/sh", "-c", script}, .input = std::move(input)});
  EXPECT_TRUE(output.has_value());
  return output.value_or(CommandOutput{});
}

TEST(RunCommand, ReturnsOutputAndStatus) {
  const CommandOutput output = Shell("echo out; echo err >&2; exit 7");
  EXPECT_EQ(output.status, 7);
  EXPECT_EQ(output.text, "out\nerr\n");
}

TEST(RunCommand, TellsASignal) { EXPECT_EQ(Shell("kill -KILL $$").status, 128 + 9); }

TEST(RunCommand, MovesMoreThanAPipeHoldsBothWays) {
  const std::string input(1 << 20, 'x');
  EXPECT_EQ(Shell("cat", input).text, input);
}

TEST(RunCommand, SurvivesAChildThatReadsNothing) {
  EXPECT_EQ(Shell("exec <&-; echo done", std::string(1 << 20, 'x')).text, "done\n");
}

TEST(RunCommand, GivesAMinimalEnvironment) {
  const char* names[] = {"PGHOST", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "LD_PRELOAD"};
  for (const char* name : names) setenv(name, "secret", 1);
  EXPECT_EQ(Shell("env | grep secret; echo $LC_ALL").text, "C\n");
  for (const char* name : names) unsetenv(name);
}

TEST(RunCommand, GivesTheAccountsOwnHome) {
  const char* before = getenv("HOME");
  const std::string home = before != nullptr ? before : "";
  setenv("HOME", "/somewhere/else", 1);
  EXPECT_EQ(Shell("test \"$HOME\" != /somewhere/else && cd \"$HOME\"").status, 0);
  setenv("HOME", home.c_str(), 1);
}

TEST(RunCommand, FailsForAMissingProgram) {
  const auto output = provision::Run({.argv = {"/does/not/exist"}});
  ASSERT_TRUE(output.has_value());
  EXPECT_EQ(output->status, 127);
}

TEST(RunCommandOrFail, ShowsWhatTheCommandSaid) {
  const auto failed = RunOrFail({.argv = {"/bin/sh", "-c", "echo why; exit 1"}}, "the step");
  ASSERT_FALSE(failed.has_value());
  EXPECT_TRUE(failed.error().message.starts_with("the step failed"));
  EXPECT_EQ(failed.error().detail, "why\n");
}

}  // namespace
}  // namespace tarn::provision
