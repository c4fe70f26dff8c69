// SPDX-License-Identifier: Apache-2.0
#include "cli/warehouse_login.h"

#include <filesystem>

#include "base/file_content.h"

namespace tarn::cli {

Result<WarehouseLogin> FindLogin(const std::string& data) {
  std::error_code error;
  std::filesystem::path root = provision::RequestedDataDirectory(data);
  if (const auto whole = std::filesystem::canonical(root, error); !error) root = whole;
  const provision::DataDirectory directory{root};
  TARN_ASSIGN(WarehouseStatus status, FindWarehouse(directory));
  if (!status.pid) {
    return std::unexpected(
        Error{ErrorKind::kUnavailable,
              fmt::format("the warehouse of data directory \"{}\" does not run", root.string()),
              {},
              "Start it with: tarn up"});
  }
  TARN_ASSIGN(auto password, ReadFileIfPresent(status.password_file));
  if (!password) {
    return std::unexpected(Error{ErrorKind::kNotFound,
                                 fmt::format("there is no file \"{}\"", status.password_file),
                                 "It holds the password of user admin.",
                                 "Write the password into it, or connect with psql."});
  }
  while (password->ends_with('\n')) password->pop_back();
  return WarehouseLogin{.status = std::move(status), .password = *std::move(password)};
}

std::string ConnectionsToml(const WarehouseStatus& status) {
  return fmt::format(
      "[tarn]\naccount = \"tarn\"\nhost = \"{}\"\nport = {}\nprotocol = \"http\"\nuser = \"{}\"\n"
      "password = \"…\"  # the line in {}\n",
      status.listen.host, status.listen.http_port, kWarehouseUser, status.password_file);
}

}  // namespace tarn::cli
