// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "provision/instances.h"

namespace tarn::cli {

/// Removes the tables of an instance from the buckets that are in object stores: every table
/// directory whose owner file names one of the instance's nodes. Where there are such buckets, the
/// instance is stopped. Returns how many tables went. Safe to repeat: a table's owner file goes
/// last.
Result<int> PurgeObjectStores(provision::Instances& instances, const std::string& name);

}  // namespace tarn::cli
