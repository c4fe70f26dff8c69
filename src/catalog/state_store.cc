// SPDX-License-Identifier: Apache-2.0
#include "catalog/state_store.h"

#include <algorithm>

namespace tarn::catalog {
namespace {

/// Listing and reading again while states come and go faster than they can be read.
constexpr int kReadAttempts = 10;
/// Old states are removed in steps, to list them seldom.
constexpr int64_t kRemovalStep = 10;

std::unexpected<Error> Unknown(const CatalogState& state, const Error& cause) {
  return std::unexpected<Error>(
      Error{ErrorKind::kCommitStateUnknown,
            fmt::format("can't tell whether commit {} took place", state.commit.ToString()),
            cause.message,
            {}});
}

}  // namespace

Result<int64_t> StateStore::NewestVersion() const {
  int64_t newest = 0;
  TARN_TRY(
      storage_->List(location_ + "/catalog/", [&](const storage::ObjectInfo& object) -> Result<> {
        newest = std::max(newest, StateVersion(object.location));
        return {};
      }));
  return newest;
}

Result<CatalogState> StateStore::Newest() const {
  for (int attempt = 1;; ++attempt) {
    TARN_ASSIGN(const int64_t version, NewestVersion());
    if (version == 0) return CatalogState();
    const std::string location = StateLocation(location_, version);
    const Result<std::string> json = storage_->Read(location);
    if (json) {
      Result<CatalogState> state = ParseCatalogState(*json);
      if (state && state->version == version) return state;
      return Fail(ErrorKind::kCorruption, "catalog object \"{}\" is damaged", location);
    }
    // Removed since it was listed: there are newer ones.
    if (json.error().kind != ErrorKind::kNotFound || attempt == kReadAttempts) {
      return std::unexpected<Error>(json.error());
    }
  }
}

Result<> StateStore::Publish(const CatalogState& next) const {
  const Result<> put = storage_->Put(StateLocation(location_, next.version),
                                     SerializeCatalogState(next), storage::PutMode::kIfAbsent);
  if (!put && put.error().kind == ErrorKind::kCommitStateUnknown) return Settle(next);
  if (!put && put.error().kind == ErrorKind::kAlreadyExists) {
    // A store that repeats a put by itself may meet the object of its first try.
    const Result<> settled = Settle(next);
    if (settled || settled.error().kind == ErrorKind::kCommitStateUnknown) return settled;
    return Fail(ErrorKind::kConflict, "catalog \"{}\" has a newer version {}", location_,
                next.version);
  }
  if (!put) return put;
  // The put filled a gap, and not the end, if the states up to here were cleaned away before it.
  // They are removed from the oldest on, so a base that still stands proves that they were not.
  if (!BaseStands(next)) return Settle(next);
  if (next.version % kRemovalStep == 0) RemoveOld(next.version);
  return {};
}

bool StateStore::BaseStands(const CatalogState& state) const {
  if (state.recent_commits.empty()) return true;
  const Result<std::string> json = storage_->Read(StateLocation(location_, state.version - 1));
  if (!json) return false;
  const Result<CatalogState> base = ParseCatalogState(*json);
  return base && base->commit == state.recent_commits.front();
}

Result<> StateStore::Settle(const CatalogState& state) const {
  const Result<CatalogState> newest = Newest();
  if (!newest) return Unknown(state, newest.error());
  if (newest->commit == state.commit) return {};
  const auto& recent = newest->recent_commits;
  if (std::ranges::find(recent, state.commit) != recent.end()) return {};
  const int64_t later = newest->version - state.version;
  if (later < 0) {
    // Not there now; a put that is still under way may yet arrive.
    return Unknown(state, Error{.message = "the catalog has no such version"});
  }
  if (later > static_cast<int64_t>(kRecentCommits)) {
    return Unknown(state, Error{.message = "the catalog's history does not reach back so far"});
  }
  return Fail(ErrorKind::kConflict, "catalog \"{}\" went on without version {} of this commit",
              location_, state.version);
}

void StateStore::RemoveOld(int64_t newest) const {
  std::vector<int64_t> old;
  (void)storage_->List(location_ + "/catalog/", [&](const storage::ObjectInfo& object) -> Result<> {
    const int64_t version = StateVersion(object.location);
    if (version > 0 && version <= newest - kKeptStates) old.push_back(version);
    return {};
  });
  std::ranges::sort(old);
  for (const int64_t version : old) {
    // In order, and not beyond a failure: see Publish.
    if (!storage_->Delete(StateLocation(location_, version))) return;
  }
}

}  // namespace tarn::catalog
