// SPDX-License-Identifier: Apache-2.0
// How nouns are read and stored is made once, in stored_value.cc, and not in every source that asks
// for one.
#pragma once

#include "warehouse/metastore/stored_value.h"
#include "warehouse/objects/definition.h"

namespace tarn::warehouse {

extern template Result<> ReadFields<Database>(const Rows&, int, Database&);
extern template void BindFields<Database>(Rows&, const Database&);
extern template Result<> ReadFields<Schema>(const Rows&, int, Schema&);
extern template void BindFields<Schema>(Rows&, const Schema&);
extern template Result<> ReadFields<VirtualWarehouse>(const Rows&, int, VirtualWarehouse&);
extern template void BindFields<VirtualWarehouse>(Rows&, const VirtualWarehouse&);
extern template Result<> ReadFields<Role>(const Rows&, int, Role&);
extern template void BindFields<Role>(Rows&, const Role&);
extern template Result<> ReadFields<User>(const Rows&, int, User&);
extern template void BindFields<User>(Rows&, const User&);
extern template Result<> ReadFields<Table>(const Rows&, int, Table&);
extern template void BindFields<Table>(Rows&, const Table&);
extern template Result<> ReadFields<View>(const Rows&, int, View&);
extern template void BindFields<View>(Rows&, const View&);
extern template Result<> ReadFields<DynamicTable>(const Rows&, int, DynamicTable&);
extern template void BindFields<DynamicTable>(Rows&, const DynamicTable&);
extern template Result<> ReadFields<Sequence>(const Rows&, int, Sequence&);
extern template void BindFields<Sequence>(Rows&, const Sequence&);
extern template Result<> ReadFields<FileFormat>(const Rows&, int, FileFormat&);
extern template void BindFields<FileFormat>(Rows&, const FileFormat&);
extern template Result<> ReadFields<Function>(const Rows&, int, Function&);
extern template void BindFields<Function>(Rows&, const Function&);
extern template Result<> ReadFields<Procedure>(const Rows&, int, Procedure&);
extern template void BindFields<Procedure>(Rows&, const Procedure&);
extern template Result<> ReadFields<Stage>(const Rows&, int, Stage&);
extern template void BindFields<Stage>(Rows&, const Stage&);
extern template Result<> ReadFields<Stream>(const Rows&, int, Stream&);
extern template void BindFields<Stream>(Rows&, const Stream&);
extern template Result<> ReadFields<Task>(const Rows&, int, Task&);
extern template void BindFields<Task>(Rows&, const Task&);
extern template Result<> ReadFields<PostgresInstance>(const Rows&, int, PostgresInstance&);
extern template void BindFields<PostgresInstance>(Rows&, const PostgresInstance&);
extern template Result<> ReadFields<NetworkRule>(const Rows&, int, NetworkRule&);
extern template void BindFields<NetworkRule>(Rows&, const NetworkRule&);
extern template Result<> ReadFields<NetworkPolicy>(const Rows&, int, NetworkPolicy&);
extern template void BindFields<NetworkPolicy>(Rows&, const NetworkPolicy&);
extern template Result<> ReadFields<StorageIntegration>(const Rows&, int, StorageIntegration&);
extern template void BindFields<StorageIntegration>(Rows&, const StorageIntegration&);
extern template Result<> ReadFields<CatalogIntegration>(const Rows&, int, CatalogIntegration&);
extern template void BindFields<CatalogIntegration>(Rows&, const CatalogIntegration&);
extern template Result<> ReadFields<ExternalVolume>(const Rows&, int, ExternalVolume&);
extern template void BindFields<ExternalVolume>(Rows&, const ExternalVolume&);
extern template Result<> ReadFields<Tag>(const Rows&, int, Tag&);
extern template void BindFields<Tag>(Rows&, const Tag&);
extern template Result<> ReadFields<Application>(const Rows&, int, Application&);
extern template void BindFields<Application>(Rows&, const Application&);

}  // namespace tarn::warehouse
