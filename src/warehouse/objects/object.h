// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

/// In the place of a session that is over, of what still waits to be purged.
inline constexpr const char* kEndedSession = "ended";

/// What every object has. A plain value. Times are milliseconds since 1970.
struct ObjectHead {
  ObjectId id;
  ObjectKind kind = ObjectKind::kDatabase;
  ObjectId container = kAccountId;
  std::string name;       ///< exact: unquoted identifiers were folded by the parser
  std::string signature;  ///< of functions and procedures: "(NUMBER, VARCHAR)"; else ""
  /// Nothing (id 0) for system objects.
  ObjectId owner;
  int64_t created_ms = 0;
  int64_t altered_ms = 0;
  std::string comment;
  std::optional<int64_t> dropped_ms;
  /// Of temporary objects: the session whose they are; "": everybody's.
  std::string session;

  bool is_temporary() const { return !session.empty(); }
  bool operator==(const ObjectHead&) const = default;
};

template <>
struct Fields<ObjectHead> {
  static constexpr auto kAll = std::tuple{Field{"id", &ObjectHead::id},
                                          Field{"kind", &ObjectHead::kind},
                                          Field{"container_id", &ObjectHead::container},
                                          Field{"name", &ObjectHead::name},
                                          Field{"signature", &ObjectHead::signature},
                                          Field{"owner_id", &ObjectHead::owner},
                                          Field{"created_ms", &ObjectHead::created_ms},
                                          Field{"altered_ms", &ObjectHead::altered_ms},
                                          Field{"comment", &ObjectHead::comment},
                                          Field{"dropped_ms", &ObjectHead::dropped_ms},
                                          Field{"session", &ObjectHead::session}};
};

/// An object whole.
template <typename Noun>
struct Object {
  ObjectHead head;
  Noun value;
};

}  // namespace tarn::warehouse
