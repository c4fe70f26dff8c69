// SPDX-License-Identifier: Apache-2.0
#include "provision/listen_address.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "provision/address_holder.h"

namespace tarn::provision {
namespace {

TEST(IsFree, SeesAListener) {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  inet_pton(AF_INET, "127.0.0.251", &name.sin_addr);
  socklen_t length = sizeof name;
  ASSERT_EQ(bind(descriptor, reinterpret_cast<sockaddr*>(&name), length), 0);
  ASSERT_EQ(listen(descriptor, 1), 0);
  ASSERT_EQ(getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &length), 0);
  const ListenAddress address{"127.0.0.251", ntohs(name.sin_port)};
  EXPECT_FALSE(IsFree(address));
  EXPECT_TRUE(DescribeHolder(address).starts_with(fmt::format("process {} (", getpid())))
      << DescribeHolder(address);
  close(descriptor);
  EXPECT_EQ(DescribeHolder(address), "nobody");
  EXPECT_TRUE(IsFree(address));
}

TEST(IsFree, RefusesWhatIsNoAddress) { EXPECT_FALSE(IsFree({"localhost", 5432})); }

TEST(ChooseAddress, NeverGivesATakenOne) {
  std::vector<ListenAddress> taken;
  for (int i = 0; i < 300; ++i) {
    const auto address = ChooseAddress(taken);
    ASSERT_TRUE(address.has_value());
    EXPECT_EQ(std::ranges::find(taken, *address), taken.end());
    EXPECT_TRUE(address->host.starts_with("127.0.0."));
    EXPECT_NE(address->host, "127.0.0.1");
    taken.push_back(*address);
  }
  // More instances than addresses: they go on with other ports.
  EXPECT_NE(taken.back().port, 5432);
}

}  // namespace
}  // namespace tarn::provision
