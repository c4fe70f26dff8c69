// SPDX-License-Identifier: Apache-2.0
// The PostgreSQL servers behind POSTGRES INSTANCE objects.
//
// Two records tell of a server: the object here, which says what it should be, and that of
// provision, which says what there is. One thread brings the second to the first: it makes servers
// whose creation was committed, stops and starts, hands on who may connect and where tables may
// lie, and writes back states. Servers that were made by `tarn instance create` become objects;
// objects whose server was dropped there go.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "provision/instances.h"
#include "provision/server_connections.h"
#include "warehouse/instances/committed_pointers.h"
#include "warehouse/metastore/metastore.h"
#include "warehouse/objects/postgres_instance.h"

namespace tarn::warehouse {

/// What a creation needs after the passwords were told and forgotten: the details of its run.
std::string CreationDetails(const provision::RoleVerifiers& verifiers);

/// The major version of PostgreSQL that servers here run.
inline constexpr const char* kServedVersion = "17";

/// The name of an object's server: names that need no quotes in lower case.
std::string ServerName(std::string_view object_name);

/// Thread-safe. Metastore and instances outlive it; nobody else in the process uses `instances`.
class InstanceManager {
 public:
  /// Starts its thread.
  InstanceManager(Metastore* metastore, provision::Instances* instances);
  /// Ends it, after what it is doing now.
  ~InstanceManager();

  Result<provision::ListenAddress> FreeAddress();
  Result<> SetVerifier(const std::string& server, std::string_view role,
                       const std::string& verifier);
  /// Stops and removes the server; its tables in the lake stay. Nothing happens without one.
  Result<> DropServer(const std::string& server);
  /// To the servers, as their superuser.
  provision::ServerConnections& connections() { return connections_; }
  CommittedPointers& pointers() { return pointers_; }

 private:
  struct Known;
  void Work(const std::stop_token& stop);
  Result<> Reconcile();
  Result<> ReconcileOne(const Known& known);
  Result<> Make(const Known& known);
  Result<> Govern(const Known& known);
  Result<> SetState(ObjectId id, std::string state);
  Result<> Adopt(const provision::InstanceStatus& status);

  /// Servers that have been told to reload what is on disk. Who was killed, or failed, may have
  /// written it and not told them.
  std::set<std::string> reloaded_;

  Metastore* metastore_;
  std::mutex mutex_;  ///< of instances_
  provision::Instances* instances_;
  provision::ServerConnections connections_;
  CommittedPointers pointers_;
  std::jthread thread_;
};

}  // namespace tarn::warehouse
