// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "rest/call.h"

namespace tarn::rest {

/// One page of sorted names. A plain value.
struct Page {
  std::vector<std::string> names;
  std::string next_token;  ///< "" = this was the last
};

/// `names` in any order. Without the parameter pageToken everything is one page; a token says after
/// which name to go on, so that pages of a changing list neither repeat nor miss what stays.
Reply<Page> PageOf(const Call& call, std::vector<std::string> names);

}  // namespace tarn::rest
