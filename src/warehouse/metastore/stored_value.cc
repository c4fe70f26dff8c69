// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/stored_value.h"

#include "warehouse/metastore/stored_nouns.h"

namespace tarn::warehouse {

std::unexpected<Error> BadStoredValue(std::string_view what) {
  return Fail(ErrorKind::kCorruption,
              "the metastore holds a value that this version cannot read: {}", what);
}

std::unexpected<Error> BadStoredJson(const nlohmann::json& json) {
  return BadStoredValue(StoredText(json));
}

std::string StoredText(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<nlohmann::json> StoredJson(std::string_view text) {
  auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return BadStoredValue(text);
  return json;
}

template Result<> ReadFields<Database>(const Rows&, int, Database&);
template void BindFields<Database>(Rows&, const Database&);
template Result<> ReadFields<Schema>(const Rows&, int, Schema&);
template void BindFields<Schema>(Rows&, const Schema&);
template Result<> ReadFields<VirtualWarehouse>(const Rows&, int, VirtualWarehouse&);
template void BindFields<VirtualWarehouse>(Rows&, const VirtualWarehouse&);
template Result<> ReadFields<Role>(const Rows&, int, Role&);
template void BindFields<Role>(Rows&, const Role&);
template Result<> ReadFields<User>(const Rows&, int, User&);
template void BindFields<User>(Rows&, const User&);
template Result<> ReadFields<Table>(const Rows&, int, Table&);
template void BindFields<Table>(Rows&, const Table&);
template Result<> ReadFields<View>(const Rows&, int, View&);
template void BindFields<View>(Rows&, const View&);
template Result<> ReadFields<DynamicTable>(const Rows&, int, DynamicTable&);
template void BindFields<DynamicTable>(Rows&, const DynamicTable&);
template Result<> ReadFields<Sequence>(const Rows&, int, Sequence&);
template void BindFields<Sequence>(Rows&, const Sequence&);
template Result<> ReadFields<FileFormat>(const Rows&, int, FileFormat&);
template void BindFields<FileFormat>(Rows&, const FileFormat&);
template Result<> ReadFields<Function>(const Rows&, int, Function&);
template void BindFields<Function>(Rows&, const Function&);
template Result<> ReadFields<Procedure>(const Rows&, int, Procedure&);
template void BindFields<Procedure>(Rows&, const Procedure&);
template Result<> ReadFields<Stage>(const Rows&, int, Stage&);
template void BindFields<Stage>(Rows&, const Stage&);
template Result<> ReadFields<Stream>(const Rows&, int, Stream&);
template void BindFields<Stream>(Rows&, const Stream&);
template Result<> ReadFields<Task>(const Rows&, int, Task&);
template void BindFields<Task>(Rows&, const Task&);
template Result<> ReadFields<PostgresInstance>(const Rows&, int, PostgresInstance&);
template void BindFields<PostgresInstance>(Rows&, const PostgresInstance&);
template Result<> ReadFields<NetworkRule>(const Rows&, int, NetworkRule&);
template void BindFields<NetworkRule>(Rows&, const NetworkRule&);
template Result<> ReadFields<NetworkPolicy>(const Rows&, int, NetworkPolicy&);
template void BindFields<NetworkPolicy>(Rows&, const NetworkPolicy&);
template Result<> ReadFields<StorageIntegration>(const Rows&, int, StorageIntegration&);
template void BindFields<StorageIntegration>(Rows&, const StorageIntegration&);
template Result<> ReadFields<CatalogIntegration>(const Rows&, int, CatalogIntegration&);
template void BindFields<CatalogIntegration>(Rows&, const CatalogIntegration&);
template Result<> ReadFields<ExternalVolume>(const Rows&, int, ExternalVolume&);
template void BindFields<ExternalVolume>(Rows&, const ExternalVolume&);
template Result<> ReadFields<Tag>(const Rows&, int, Tag&);
template void BindFields<Tag>(Rows&, const Tag&);
template Result<> ReadFields<Application>(const Rows&, int, Application&);
template void BindFields<Application>(Rows&, const Application&);

}  // namespace tarn::warehouse
