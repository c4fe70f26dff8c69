// SPDX-License-Identifier: Apache-2.0
#include "table/row_writer.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/batch_selection.h"
#include "iceberg/plan/delete_matching.h"
#include "iceberg/values/partition_path.h"
#include "table/data_file_roller.h"
#include "table/data_locations.h"
#include "table/row_partitioner.h"
#include "table/write_properties.h"

namespace tarn::table {
namespace {

/// As the budget's views name it.
constexpr const char* kConsumer = "row writers";
constexpr const char* kSuffix = ".parquet";

class PartitionedWriter : public RowWriter {
 public:
  PartitionedWriter(const TableContext& context, const iceberg::TableMetadata& table,
                    const iceberg::PartitionSpec& spec, RowWriterOptions options,
                    WriteProperties properties, RowPartitioner partitioner, DataLocations locations)
      : context_(context),
        schema_(table.current_schema()),
        spec_(spec),
        options_(std::move(options)),
        properties_(std::move(properties)),
        partitioner_(std::move(partitioner)),
        locations_(std::move(locations)),
        publication_(context.workers) {
    for (const Field& field : options_.fields) types_.push_back(field.type);
    if (context.memory != nullptr) memory_ = context.memory->Open(kConsumer);
  }

  Result<> Append(const BatchView& batch) override {
    if (batch.columns.size() != types_.size()) {
      return Fail(ErrorKind::kInvalidArgument, "batch has {} columns, not {}", batch.columns.size(),
                  types_.size());
    }
    TARN_ASSIGN(std::vector<PartitionRows> parts, partitioner_.Split(batch));
    for (PartitionRows& part : parts) {
      TARN_ASSIGN(Partition * partition, FindPartition(std::move(part.tuple)));
      if (parts.size() == 1) {
        TARN_TRY(partition->roller.Append(batch));
      } else {
        TARN_TRY(partition->roller.Append(BatchSelection(batch, types_, part.rows).view()));
      }
      TakeFiles(*partition);
      TARN_TRY(KeepToBudget());
    }
    return {};
  }

  Result<std::vector<iceberg::DataFile>> Finish() override {
    for (Partition* partition : open_) {
      TARN_TRY(partition->roller.EndFile());
      TakeFiles(*partition);
    }
    open_.clear();
    partitions_.clear();
    TARN_TRY(publication_.Finish());
    if (context_.memory != nullptr) memory_.Release();
    return std::move(files_);
  }

  int32_t next_ordinal() const override { return locations_.next_ordinal(); }

 private:
  struct Partition {
    std::vector<Value> tuple;
    DataFileRoller roller;
  };

  /// With a file open, or room for one.
  Result<Partition*> FindPartition(std::vector<Value> tuple) {
    std::string key = iceberg::PartitionKey(spec_.id, spec_, tuple);
    auto found = partitions_.find(key);
    if (found == partitions_.end()) {
      const std::string path = iceberg::PartitionPath(schema_, spec_, tuple);
      const DataFileRoller::Target target{*context_.engine, publication_, options_.fields,
                                          properties_.files, properties_.target_file_size_bytes};
      NewDataFile new_file = [this, path]() -> Result<std::string> {
        return locations_.Next(path, kSuffix);
      };
      auto partition = std::make_unique<Partition>(
          Partition{std::move(tuple), DataFileRoller(target, std::move(new_file))});
      found = partitions_.emplace(std::move(key), std::move(partition)).first;
    }
    Partition* partition = found->second.get();
    if (partition->roller.is_open()) return partition;
    std::erase_if(open_, [](const Partition* each) { return !each->roller.is_open(); });
    while (static_cast<int32_t>(open_.size()) >= std::max(options_.max_open_files, 1)) {
      TARN_TRY(EndLargest());
    }
    open_.push_back(partition);
    return partition;
  }

  Result<> EndLargest() {
    const auto largest = std::ranges::max_element(
        open_, {}, [](const Partition* partition) { return partition->roller.memory_bytes(); });
    Partition* partition = *largest;
    open_.erase(largest);
    TARN_TRY(partition->roller.EndFile());
    TakeFiles(*partition);
    return {};
  }

  int64_t HeldBytes() const {
    int64_t bytes = 0;
    for (const Partition* partition : open_) bytes += partition->roller.memory_bytes();
    return bytes;
  }

  Result<> KeepToBudget() {
    if (context_.memory == nullptr) return {};
    int64_t held = HeldBytes();
    while (held > memory_.bytes() && !memory_.TryGrow(held - memory_.bytes())) {
      TARN_TRY(EndLargest());
      held = HeldBytes();
    }
    if (held < memory_.bytes()) memory_.Shrink(memory_.bytes() - held);
    return {};
  }

  void TakeFiles(Partition& partition) {
    for (iceberg::DataFile& file : partition.roller.TakeFiles()) {
      file.partition = partition.tuple;
      file.sort_order_id = options_.sort_order_id;
      files_.push_back(std::move(file));
    }
  }

  const TableContext& context_;
  const iceberg::Schema schema_;
  const iceberg::PartitionSpec spec_;
  const RowWriterOptions options_;
  const WriteProperties properties_;
  const RowPartitioner partitioner_;
  DataLocations locations_;
  std::vector<Type> types_;
  storage::Publication publication_;
  MemoryReservation memory_;
  std::unordered_map<std::string, std::unique_ptr<Partition>> partitions_;  ///< by PartitionKey
  std::vector<Partition*> open_;  ///< those with a file open, and perhaps others
  std::vector<iceberg::DataFile> files_;
};

}  // namespace

Result<std::unique_ptr<RowWriter>> OpenRowWriter(const TableContext& context, const Writer& writer,
                                                 const iceberg::TableMetadata& table,
                                                 RowWriterOptions options) {
  const iceberg::PartitionSpec* spec = table.FindPartitionSpec(options.partition_spec_id);
  if (spec == nullptr) {
    return Fail(ErrorKind::kNotFound, "table \"{}\" has no partition spec {}", table.location,
                options.partition_spec_id.value());
  }
  TARN_ASSIGN(WriteProperties properties, DataWriteProperties(table, options.fields));
  if (options.target_file_size_bytes > 0) {
    properties.target_file_size_bytes = options.target_file_size_bytes;
  }
  TARN_ASSIGN(RowPartitioner partitioner,
              RowPartitioner::Make(table.current_schema(), *spec, options.fields));
  TARN_ASSIGN(DataLocations locations,
              DataLocations::Make(table, writer.id, options.first_ordinal));
  return std::make_unique<PartitionedWriter>(context, table, *spec, std::move(options),
                                             std::move(properties), std::move(partitioner),
                                             std::move(locations));
}

}  // namespace tarn::table
