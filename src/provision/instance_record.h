// SPDX-License-Identifier: Apache-2.0
// What Tarn remembers of an instance, in `instance.json` of its folder.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "provision/listen_address.h"

namespace tarn::provision {

enum class InstancePhase {
  kUnannounced,  ///< complete, but its passwords were never printed: the next create builds it anew
  kReady,
  kDropping,  ///< its removal began: the next command that changes something finishes it
};

struct InstanceRecord {
  std::string name;
  InstancePhase phase = InstancePhase::kUnannounced;
  ListenAddress address;
  std::string socket_directory;
  std::string pg_config;  ///< as given to create; empty for the default
  std::vector<std::string> allowed_locations;
  /// The only ones where tables may lie; empty: whatever is allowed.
  std::vector<std::string> table_locations;
  /// Who may connect is told by the warehouse's network policies.
  bool governed = false;
  bool with_extension = true;
  bool wanted_running = true;  ///< `up` starts it, and starts it again when it dies
  bool purge = false;          ///< with kDropping: its lake files go too
};

std::string ToJson(const InstanceRecord& record);

/// Corruption when the text is not a record of this version.
Result<InstanceRecord> ParseInstanceRecord(const std::string& json);

/// A name is a path component: it starts with a letter or '_', goes on with letters, digits, '_'
/// and
/// '-', and has at most 63 bytes. InvalidArgument otherwise.
Result<> CheckInstanceName(const std::string& name);

}  // namespace tarn::provision
