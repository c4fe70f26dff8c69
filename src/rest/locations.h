// SPDX-License-Identifier: Apache-2.0
// Where clients may place tables, and which files they may call a table's. A user who writes
// metadata could otherwise read other tables by naming their files.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "iceberg/model/table_metadata.h"
#include "iceberg/update/metadata_update.h"
#include "rest/call.h"
#include "warehouse/metastore/snapshot.h"

namespace tarn::rest {

/// Allowed are the account's own directory of tables, what its operator lists, and external volumes
/// that the caller may use. 403 for another place, and for one that holds or lies in somebody
/// else's table. 400 for what is no location.
Reply<> CheckLocation(const Service& service, const warehouse::Snapshot& snapshot, const Call& call,
                      const std::string& location);

/// The table's location, and those that its properties name for data and metadata.
Reply<> CheckLocations(const Service& service, const warehouse::Snapshot& snapshot,
                       const Call& call, const iceberg::TableMetadata& metadata);

/// Of what a commit adds to `base` (null: it creates the table), which makes it `metadata`: lists
/// and manifests lie in the table's own places and can be read, and the files that these or
/// statistics name lie there, too, or where no storage of ours opens anything. What `base` has is
/// not read again.
Reply<> CheckAddedFiles(const Service& service, const iceberg::TableMetadata* base,
                        const iceberg::TableMetadata& metadata,
                        std::span<const iceberg::MetadataUpdate> updates);
/// The same of all that a metadata file from outside names, but for its log of older ones.
Reply<> CheckAllFiles(const Service& service, const iceberg::TableMetadata& metadata);

/// Below which tables of a schema lie unless a client says otherwise: what the namespace's property
/// `location` says, else its parameter EXTERNAL_VOLUME, else the account's directory of tables.
/// Without a slash at its end.
Reply<std::string> DefaultPlace(const Service& service, const warehouse::Snapshot& snapshot,
                                warehouse::ObjectId schema);

/// In the schema's default place, by the table's name, in the account's directory by `uuid`.
Reply<std::string> DefaultLocation(const Service& service, const warehouse::Snapshot& snapshot,
                                   const Call& call, const warehouse::ObjectHead& name_space,
                                   const std::string& name, const Uuid& uuid);

}  // namespace tarn::rest
