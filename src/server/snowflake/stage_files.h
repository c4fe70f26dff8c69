// SPDX-License-Identifier: Apache-2.0
// The stages' side of PUT and GET: what a client puts and gets by the URLs that the answer to its
// statement names (docs/internals/snowflake-protocol.md, "Files").
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/http_exchange.h"
#include "warehouse/session/file_transfer.h"

namespace tarn::server::snowflake {

/// Answers `<prefix>/TOKEN/NAME`: PUT, GET and HEAD of one file, as Google's store does. Whoever
/// has the token may do what the transfer says, for an hour. Thread-safe.
class StageFiles final : public tarn::http::Handler {
 public:
  static constexpr const char* kPrefix = "/stage-files";
  /// As a bucket's name in clients that make URLs themselves.
  static constexpr const char* kBucket = "stage-files";

  /// `directory`: where bodies are while they arrive; it is emptied.
  static Result<std::shared_ptr<StageFiles>> Make(std::string directory);

  /// The token of a transfer that begins now.
  std::string Offer(std::shared_ptr<const warehouse::FileTransfer> transfer);

  tarn::http::Response Handle(const tarn::http::Request& request) override;
  std::string BodyDirectory(std::string_view method, std::string_view path) const override;

 private:
  using Transfer = std::shared_ptr<const warehouse::FileTransfer>;
  struct Offered {
    Transfer transfer;
    int64_t until_ms = 0;
  };
  explicit StageFiles(std::string directory) : directory_(std::move(directory)) {}
  Transfer Find(const std::string& token) const;

  const SystemClock clock_;
  const std::string directory_;
  mutable std::mutex mutex_;
  std::map<std::string, Offered> offered_;
};

}  // namespace tarn::server::snowflake
