// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/storage.h"

namespace tarn::storage {

/// An open object of a store over the network: every read takes milliseconds, however small, so
/// that whoever knows what comes next asks for it at once. Readers are asked by dynamic_cast.
class RemoteReader : public ObjectReader {};

}  // namespace tarn::storage
