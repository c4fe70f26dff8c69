// SPDX-License-Identifier: Apache-2.0
// Snowflake's HTTP protocol in front of sessions: Snowflake's own client libraries talk to it.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http_exchange.h"
#include "base/worker_pool.h"
#include "server/snowflake/login.h"
#include "server/snowflake/query_reply.h"
#include "server/snowflake/session_registry.h"

namespace tarn::server::snowflake {

struct ServiceOptions {
  std::string results_directory;  ///< made where it is missing
  std::string uploads_directory;  ///< for files of PUT that are on their way; emptied
  TokenLifetimes lifetimes;
  /// After which a client that waits is told to ask again.
  std::chrono::milliseconds answer_within{45'000};
  int32_t statements_max = 64;                ///< that run at the same time
  int64_t inline_bytes = int64_t{512} << 10;  ///< of a result, in its first answer
  std::string version;
  warehouse::GuessLimit* guesses = nullptr;  ///< outlives it; null: wrong passwords do not count
};

/// Answers every path of the protocol. Thread-safe; ends before what it is made of.
class Service final : public tarn::http::Handler {
 public:
  /// `metastore` may be null (no key pairs).
  static Result<std::shared_ptr<Service>> Make(ServiceOptions options,
                                               warehouse::SessionFactory& sessions,
                                               warehouse::Metastore* metastore);
  ~Service() override;

  /// Prefixes of the paths that it answers.
  static std::vector<std::string> Prefixes();

  tarn::http::Response Handle(const tarn::http::Request& request) override;
  /// Who answers below StageFiles::kPrefix.
  const std::shared_ptr<StageFiles>& stage_files() const { return stage_files_; }
  /// Takes nothing more; what runs has so long to end, then it is cancelled. Nobody waits in Handle
  /// afterwards.
  void Stop(std::chrono::milliseconds grace);

 private:
  using Session = std::shared_ptr<ClientSession>;

  Service(ServiceOptions options, warehouse::SessionFactory& sessions,
          warehouse::Metastore* metastore);

  tarn::http::Response Post(const tarn::http::Request& request,
                            const std::vector<std::string>& path);
  tarn::http::Response PostSession(const tarn::http::Request& request,
                                   const std::vector<std::string>& path,
                                   const nlohmann::json& body);
  tarn::http::Response PostQuery(const tarn::http::Request& request,
                                 const std::vector<std::string>& path, const nlohmann::json& body);
  tarn::http::Response Get(const tarn::http::Request& request,
                           const std::vector<std::string>& path);
  tarn::http::Response LogIn(const tarn::http::Request& request, const nlohmann::json& body);
  tarn::http::Response Renew(const tarn::http::Request& request);
  tarn::http::Response RunQuery(const tarn::http::Request& request, Session session,
                                const nlohmann::json& body);
  tarn::http::Response Answer(const tarn::http::Request& request, const Submission& submission);
  tarn::http::Response Part(const std::string& name, const std::string& part);
  tarn::http::Response Statuses(const Session& session, const std::vector<std::string>& path);

  const ServiceOptions options_;
  const SystemClock clock_;
  Login login_;
  SpoolLimits limits_;
  ResultShelf shelf_;
  std::shared_ptr<StageFiles> stage_files_;
  SessionRegistry registry_;
  std::atomic<bool> refusing_ = false, stopping_ = false;
  WorkerPool workers_;
};

}  // namespace tarn::server::snowflake
