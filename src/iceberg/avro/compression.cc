// SPDX-License-Identifier: Apache-2.0
#include "iceberg/avro/compression.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "iceberg/avro/snappy.h"

namespace tarn::iceberg::avro {
namespace {

// Avro's deflate is RFC 1951 alone, without zlib's header and checksum: a negative window size.
constexpr int kRawWindowBits = -15;
// Manifests are written while a commit waits: 1 takes a third of the time of 6 for a tenth more
// bytes.
constexpr int kDeflateLevel = 1;
constexpr int kZstdLevel = 3;
// Some writers cut zlib's header off but leave its checksum, or a part of it, behind the data.
constexpr uInt kChecksumBytes = 4;
constexpr size_t kFirstOutputBytes = size_t{64} << 10;

Result<std::string> Deflate(std::string_view bytes) {
  if (bytes.size() > std::numeric_limits<uInt>::max()) {
    return Fail(ErrorKind::kInvalidArgument, "avro block of {} bytes is too large", bytes.size());
  }
  z_stream stream{};
  if (deflateInit2(&stream, kDeflateLevel, Z_DEFLATED, kRawWindowBits, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return Fail(ErrorKind::kResourceExhausted, "could not start compression");
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) return Fail(ErrorKind::kInternal, "could not compress an avro block");
  return out;
}

// Doubles `out`, within the limit; false at the limit.
bool Grow(std::string& out, size_t max_bytes) {
  if (out.size() >= max_bytes) return false;
  out.resize(std::min(max_bytes, std::max(kFirstOutputBytes, out.size() * 2)));
  return true;
}

std::unexpected<Error> TooLarge(size_t max_bytes) {
  return Fail(ErrorKind::kCorruption, "avro block expands to more than {} bytes", max_bytes);
}

Result<std::string> Inflate(std::string_view bytes, size_t max_bytes) {
  if (bytes.size() > std::numeric_limits<uInt>::max()) return TooLarge(max_bytes);
  z_stream stream{};
  if (inflateInit2(&stream, kRawWindowBits) != Z_OK) {
    return Fail(ErrorKind::kResourceExhausted, "could not start decompression");
  }
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> ended(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    const size_t done = stream.total_out;
    // Even at the limit one probing byte tells a full block from one that goes on.
    if (done == out.size() && !Grow(out, max_bytes + 1)) return TooLarge(max_bytes);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + done);
    stream.avail_out = static_cast<uInt>(std::min<size_t>(out.size() - done, 1U << 30));
    status = inflate(&stream, Z_NO_FLUSH);
    const bool stuck = status == Z_BUF_ERROR || (status == Z_OK && stream.avail_out > 0);
    if (status != Z_STREAM_END && (stuck || status != Z_OK)) {
      return Fail(ErrorKind::kCorruption, "malformed deflate data in an avro block");
    }
  }
  if (stream.total_out > max_bytes) return TooLarge(max_bytes);
  if (stream.avail_in > kChecksumBytes) {
    return Fail(ErrorKind::kCorruption, "bytes follow the deflate data of an avro block");
  }
  out.resize(stream.total_out);
  return out;
}

Result<std::string> CompressZstd(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), kZstdLevel);
  if (ZSTD_isError(size) != 0) {
    return Fail(ErrorKind::kInternal, "could not compress an avro block: {}",
                ZSTD_getErrorName(size));
  }
  out.resize(size);
  return out;
}

Result<std::string> DecompressZstd(std::string_view bytes, size_t max_bytes) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     ZSTD_freeDCtx);
  if (!context) return Fail(ErrorKind::kResourceExhausted, "could not start decompression");
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 27);
  std::string out;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  size_t done = 0;
  for (size_t status = 1; status != 0 || in.pos < in.size;) {
    if (done == out.size() && !Grow(out, max_bytes + 1)) return TooLarge(max_bytes);
    ZSTD_outBuffer part{out.data(), out.size(), done};
    status = ZSTD_decompressStream(context.get(), &part, &in);
    const bool stuck = in.pos == in.size && part.pos < part.size && status != 0;
    done = part.pos;
    if (ZSTD_isError(status) != 0 || stuck) {
      return Fail(ErrorKind::kCorruption, "malformed zstandard data in an avro block");
    }
  }
  if (done > max_bytes) return TooLarge(max_bytes);
  out.resize(done);
  return out;
}

}  // namespace

std::string_view CodecName(Codec codec) {
  switch (codec) {
    case Codec::kNull:
      return "null";
    case Codec::kDeflate:
      return "deflate";
    case Codec::kZstandard:
      return "zstandard";
    case Codec::kSnappy:
      return "snappy";
  }
  return "unknown";
}

Result<Codec> ParseCodec(std::string_view name) {
  for (const Codec codec : {Codec::kNull, Codec::kDeflate, Codec::kZstandard, Codec::kSnappy}) {
    if (CodecName(codec) == name) return codec;
  }
  return Fail(ErrorKind::kUnsupported, "avro codec \"{}\" is not supported", name);
}

Result<std::string> Compress(Codec codec, std::string_view bytes) {
  switch (codec) {
    case Codec::kDeflate:
      return Deflate(bytes);
    case Codec::kZstandard:
      return CompressZstd(bytes);
    case Codec::kSnappy:
      return Fail(ErrorKind::kUnsupported, "avro blocks are not written with snappy");
    case Codec::kNull:
      break;
  }
  return std::string(bytes);
}

Result<std::string> Decompress(Codec codec, std::string_view bytes, size_t max_bytes) {
  if (codec != Codec::kNull && bytes.empty()) {
    return Fail(ErrorKind::kCorruption, "avro block without bytes");
  }
  switch (codec) {
    case Codec::kDeflate:
      return Inflate(bytes, max_bytes);
    case Codec::kZstandard:
      return DecompressZstd(bytes, max_bytes);
    case Codec::kSnappy:
      return DecompressSnappy(bytes, max_bytes);
    case Codec::kNull:
      break;
  }
  if (bytes.size() > max_bytes) return TooLarge(max_bytes);
  return std::string(bytes);
}

}  // namespace tarn::iceberg::avro
