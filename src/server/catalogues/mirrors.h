// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's catalogues of the warehouse, as its clients ask for them
// (docs/internals/client-catalogues.md).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "provision/private_server.h"
#include "server/catalogues/mirror_content.h"
#include "server/postgres/catalogue_access.h"
#include "warehouse/metastore/metastore.h"

namespace tarn::server::catalogues {

/// A private PostgreSQL server with a database for each pair of a database of the warehouse and the
/// roles that look at it. Nothing runs before somebody asks. Thread-safe.
class Mirrors final : public postgres::CatalogueAccess {
 public:
  struct Options {
    provision::Runtime runtime;
    std::filesystem::path folder;
    std::string version;  ///< Tarn's
    int32_t connections_max = 200;
  };
  /// The metastore outlives them.
  Mirrors(warehouse::Metastore& metastore, Options options);
  ~Mirrors() override;

  warehouse::StatementResult<postgres::CatalogueAddress> Ready(const warehouse::Session& session,
                                                               bool again) override;

 private:
  /// One database of the server, and what is in it.
  struct Mirror {
    std::mutex mutex;  ///< over all else
    int64_t number = 0;
    bool is_made = false;
    bool is_dropped = false;  ///< another takes its place
    int64_t version = -1;     ///< of the metastore
    MirrorContent content;
    int64_t changed = 0;  ///< objects since their catalogues were last vacuumed
    int64_t last_use = 0;
    std::string database() const;
  };
  struct Place;

  warehouse::StatementResult<postgres::CatalogueAddress> Find(const warehouse::Session& session);
  std::shared_ptr<Mirror> MirrorOf(const Place& place);
  warehouse::StatementResult<postgres::CatalogueAddress> AddressOf(Mirror& mirror,
                                                                   const Place& place);
  warehouse::StatementResult<> Make(Mirror& mirror, const Place& place);
  /// Of mirrors that were not used for the longest, when there are too many, and of earlier
  /// processes.
  warehouse::StatementResult<> DropOthers(postgres::CatalogueConnection& connection);
  void ForgetIdle();
  warehouse::StatementResult<std::string> Refresh(Mirror& mirror, const Place& place);
  warehouse::StatementResult<Principals> RefreshPrincipals(const Mirror& mirror,
                                                           const Place& place);
  warehouse::StatementResult<> Fill(Mirror& mirror, const Place& place, MirrorContent content);
  postgres::CatalogueAddress OwnerAddress(const Place& place, const std::string& database) const;

  warehouse::Metastore& metastore_;
  const std::string shown_version_;
  provision::PrivateServer server_;

  std::mutex mutex_;
  int64_t generation_ = 0;                                  ///< under mutex_
  std::map<std::string, std::shared_ptr<Mirror>> mirrors_;  ///< under mutex_
  int64_t last_number_ = 0, uses_ = 0;                      ///< under mutex_
  bool is_swept_ = false;                                   ///< under mutex_
  std::vector<std::string> dropped_;                        ///< under mutex_; their databases

  std::mutex principals_mutex_;
  int64_t principals_version_ = -1;  ///< under principals_mutex_
  Principals principals_;            ///< under principals_mutex_
};

}  // namespace tarn::server::catalogues
