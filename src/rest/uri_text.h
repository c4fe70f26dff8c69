// SPDX-License-Identifier: Apache-2.0
// Percent-encoding in paths, queries and forms, as the clients do it: each part is encoded by
// itself, and a plus sign is a space (Java's URLEncoder).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::rest {

/// What is no valid escape stays as it is.
std::string DecodeUriPart(std::string_view encoded);
std::string EncodeUriPart(std::string_view text);

/// "a=1&b=" by name; of a name that stands twice the last.
std::map<std::string, std::string, std::less<>> ParseForm(std::string_view encoded);

/// Levels of a namespace in a path, joined by %1F: split first, then decoded.
std::vector<std::string> NamespaceOfPath(std::string_view encoded);
/// The same of a text that is decoded already (the query's `parent`).
std::vector<std::string> NamespaceOfText(std::string_view text);

}  // namespace tarn::rest
