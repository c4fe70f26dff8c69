// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace tarn::provision {

struct Certificate {
  std::string certificate_pem;
  std::string key_pem;  ///< secret
};

/// A self-signed server certificate (ECDSA P-256, ten years) for one IPv4 address and "localhost".
Result<Certificate> MakeCertificate(const std::string& name, const std::string& address);

}  // namespace tarn::provision
