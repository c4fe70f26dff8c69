// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "iceberg/update/metadata_update.h"
#include "rest/failure.h"
#include "warehouse/catalogue/authority.h"

namespace tarn::rest {

/// What a commit's updates ask of who sends them: rows that come INSERT, rows that go DELETE, rows
/// that change UPDATE or both, statistics any of these; everything else is the owner's, as ALTER
/// TABLE is.
Reply<> CheckCommitPrivileges(const warehouse::Authority& authority,
                              const warehouse::ObjectHead& table,
                              std::span<const iceberg::MetadataUpdate> updates);

/// Whoever reads or writes a table may load it.
Reply<> CheckLoadPrivileges(const warehouse::Authority& authority,
                            const warehouse::ObjectHead& table);

}  // namespace tarn::rest
