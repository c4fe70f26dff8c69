// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/connected_agents.h"

#include <gmock/gmock.h>

#include <thread>

namespace tarn::warehouse {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

AllSourceSettings Sources(std::initializer_list<const char*> names) {
  AllSourceSettings all;
  for (const char* name : names) all[name] = {.url = name, .password = "hunter2"};
  return all;
}

TEST(ConnectedAgents, TellAndForget) {
  ConnectedAgents agents;
  ASSERT_TRUE(agents.Tell("a", "10.0.0.1", Sources({"ONE", "TWO"})));
  ASSERT_TRUE(agents.Tell("b", "10.0.0.2", Sources({"THREE"})));
  EXPECT_THAT(agents.Get().agents, ElementsAre("a", "b"));
  EXPECT_EQ(agents.Get().sources.at("TWO").agent, "a");
  // In place of what it told before.
  ASSERT_TRUE(agents.Tell("a", "10.0.0.1", Sources({"TWO"})));
  EXPECT_FALSE(agents.Get().sources.contains("ONE"));
  agents.Forget("a");
  EXPECT_THAT(agents.Get().agents, ElementsAre("b"));
  agents.ForgetAll();
  EXPECT_THAT(agents.Get().agents, IsEmpty());
}

TEST(ConnectedAgents, OneAgentForASource) {
  ConnectedAgents agents;
  ASSERT_TRUE(agents.Tell("a", "10.0.0.1", Sources({"ONE"})));
  const auto refused = agents.Tell("b", "10.0.0.2", Sources({"ONE", "TWO"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("ONE"), HasSubstr("a at 10.0.0.1")));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("hunter2")));
  EXPECT_THAT(agents.Get().agents, ElementsAre("a"));
  agents.Forget("a");
  EXPECT_TRUE(agents.Tell("b", "10.0.0.2", Sources({"ONE", "TWO"})));
}

TEST(ConnectedAgents, WhoIsSilentIsForgotten) {
  ConnectedAgents agents(std::chrono::milliseconds(20));
  ASSERT_TRUE(agents.Tell("a", "10.0.0.1", Sources({"ONE"})));
  std::this_thread::sleep_for(std::chrono::milliseconds(40));
  EXPECT_TRUE(agents.Tell("b", "10.0.0.2", Sources({"ONE"})));
  EXPECT_THAT(agents.Get().agents, ElementsAre("b"));
}

TEST(ConnectedAgents, OnlyNewsCount) {
  ConnectedAgents agents;
  ASSERT_TRUE(agents.Tell("a", "10.0.0.1", Sources({"ONE"})));
  const int64_t before = agents.changes();
  ASSERT_TRUE(agents.Tell("a", "10.0.0.1", Sources({"ONE"})));
  agents.Forget("nobody");
  EXPECT_EQ(agents.changes(), before);
  ASSERT_TRUE(agents.Tell("a", "10.0.0.1", Sources({})));
  EXPECT_GT(agents.changes(), before);
}

TEST(ConnectedAgents, ThereIsALimit) {
  ConnectedAgents agents;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(agents.Tell(std::to_string(i), "", {}));
  EXPECT_EQ(agents.Tell("more", "", {}).error().kind, ErrorKind::kResourceExhausted);
  EXPECT_TRUE(agents.Tell("7", "", {}));
}

}  // namespace
}  // namespace tarn::warehouse
