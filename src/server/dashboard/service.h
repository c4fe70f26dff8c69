// SPDX-License-Identifier: Apache-2.0
// The Customer Spending Dashboard: its page, who is signed in to it, and what it shows.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/http_exchange.h"
#include "server/dashboard/sign_ins.h"
#include "server/dashboard/snapshot_watch.h"
#include "warehouse/metastore/metastore.h"
#include "warehouse/session.h"
#include "warehouse/session/password_check.h"

namespace tarn::server::dashboard {

inline constexpr const char* kPath = "/dashboard";

/// Answers everything below kPath. Thread-safe; ends before what it is made of.
class Service final : public tarn::http::Handler {
 public:
  /// `sign_ins_file` is made where it is missing. `guesses` outlives it. Fails as SignIns::Open
  /// does.
  static Result<std::shared_ptr<Service>> Make(std::filesystem::path sign_ins_file,
                                               warehouse::SessionFactory& sessions,
                                               warehouse::Metastore& metastore,
                                               warehouse::GuessLimit* guesses);

  tarn::http::Response Handle(const tarn::http::Request& request) override;

 private:
  Service(std::unique_ptr<SignIns> sign_ins, warehouse::SessionFactory& sessions,
          warehouse::Metastore& metastore, warehouse::GuessLimit* guesses);

  tarn::http::Response Answer(const tarn::http::Request& request);
  tarn::http::Response ShowPage(const tarn::http::Request& request, std::string_view path);
  tarn::http::Response LogIn(const tarn::http::Request& request);
  tarn::http::Response LogOut(const tarn::http::Request& request);
  /// For who is signed in.
  tarn::http::Response Serve(const tarn::http::Request& request, std::string_view call);
  tarn::http::Response Whoami(const SignIn& signed_in, const std::string& address);
  tarn::http::Response Read(const tarn::http::Request& request, const SignIn& signed_in,
                            std::string_view call);
  tarn::http::Response Events(const tarn::http::Request& request, const SignIn& signed_in);
  /// Who has the request's cookie, with the password that the user has now.
  std::optional<SignIn> SignedIn(const tarn::http::Request& request);

  const std::unique_ptr<SignIns> sign_ins_;
  warehouse::SessionFactory& sessions_;
  warehouse::Metastore& metastore_;
  const warehouse::PasswordCheck passwords_;
  SnapshotWatch watch_;
};

}  // namespace tarn::server::dashboard
