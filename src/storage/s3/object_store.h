// SPDX-License-Identifier: Apache-2.0
// A bucket that is reached over the network: where it is, and whose requests it takes.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "storage/s3/signature.h"

namespace tarn::storage {

/// A plain value. What it says is checked where it is read (stores_file.h).
struct ObjectStore {
  std::string endpoint;  ///< "https://host[:port]", without a path
  std::string region;
  bool path_style = true;  ///< the bucket is in the path, not in the host's name
  /// Certificates to trust instead of the system's; "" = the system's.
  std::string ca_file;

  /// Credentials by themselves, or where to read them, anew when the store says they have ended.
  s3::Credentials credentials;
  std::string credentials_file;  ///< of the format of ~/.aws/credentials; "" = none
  std::string profile = "default";

  /// Whether clients of the REST catalog that ask for credentials get these.
  bool vend_credentials = false;

  bool operator==(const ObjectStore&) const = default;
};

/// By the name of the bucket.
using ObjectStores = std::map<std::string, ObjectStore, std::less<>>;

/// Those of the store, or of its file. Unavailable where the file cannot be read or lacks them,
/// PermissionDenied where others than its owner can read it.
Result<s3::Credentials> CredentialsOf(const ObjectStore& store);

/// Whether only its owner can read a file, which is what secrets are kept in; PermissionDenied,
/// with a hint, otherwise. Succeeds where there is no such file.
Result<> CheckSecretFile(const std::string& path);

}  // namespace tarn::storage
