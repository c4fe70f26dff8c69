// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/gzip.h"

#include <zlib.h>

#include <limits>

namespace tarn::iceberg {
namespace {

constexpr int kGzipWindowBits = 15 + 16;
constexpr size_t kChunkBytes = size_t{256} * 1024;

}  // namespace

bool IsGzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

Result<std::string> Gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kMemoryLevel = 8;
  if (bytes.size() > std::numeric_limits<uInt>::max() ||
      deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return Fail(ErrorKind::kResourceExhausted, "out of memory to compress {} bytes", bytes.size());
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) return Fail(ErrorKind::kInternal, "can't compress metadata");
  return out;
}

Result<std::string> Gunzip(std::string_view bytes, size_t size_max) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindowBits) != Z_OK) {
    return Fail(ErrorKind::kResourceExhausted, "out of memory for decompression");
  }
  // zlib does not write through next_in; its interface predates const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK && out.size() <= size_max) {
    const size_t done = out.size();
    out.resize(done + kChunkBytes);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + done);
    stream.avail_out = kChunkBytes;
    status = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    // A file may hold several gzip members, one after the other.
    if (status == Z_STREAM_END && stream.avail_in > 0) status = inflateReset(&stream);
  }
  inflateEnd(&stream);
  if (out.size() > size_max) {
    return Fail(ErrorKind::kResourceExhausted, "gzip data grow beyond {} bytes", size_max);
  }
  if (status != Z_STREAM_END) return Fail(ErrorKind::kCorruption, "damaged gzip data");
  return out;
}

}  // namespace tarn::iceberg
