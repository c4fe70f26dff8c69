// SPDX-License-Identifier: Apache-2.0
#include "rest/paging.h"

#include <algorithm>
#include <charconv>

#include "rest/uri_text.h"

namespace tarn::rest {
namespace {

constexpr size_t kPageSizeDefault = 1000;
constexpr std::string_view kTokenPrefix = "after:";

}  // namespace

Reply<Page> PageOf(const Call& call, std::vector<std::string> names) {
  std::ranges::sort(names);
  const auto token = call.Query("pageToken");
  if (!token) return Page{.names = std::move(names), .next_token = {}};
  size_t size = kPageSizeDefault;
  if (const auto asked = call.Query("pageSize")) {
    const char* const end = asked->data() + asked->size();
    if (std::from_chars(asked->data(), end, size).ptr != end || size == 0) {
      return BadRequest(fmt::format("Invalid page size: {}", *asked));
    }
  }
  auto first = names.begin();
  if (!token->empty()) {
    if (!token->starts_with(kTokenPrefix)) {
      return BadRequest(fmt::format("Invalid page token: {}", *token));
    }
    first = std::ranges::upper_bound(names, DecodeUriPart(token->substr(kTokenPrefix.size())));
  }
  const auto rest = static_cast<size_t>(names.end() - first);
  const auto count = static_cast<std::ptrdiff_t>(std::min(size, rest));
  Page page{.names = {first, first + count}, .next_token = {}};
  if (size < rest) {
    page.next_token = std::string(kTokenPrefix) + EncodeUriPart(page.names.back());
  }
  return page;
}

}  // namespace tarn::rest
