#include "sim/config/xz.hpp"

#include <array>
#include <cstdint>
#include <new>

#include <lzma.h>

namespace fleetsim::config {
namespace {

// xz at its strongest needs 65 MiB to decompress; a header that asks for far more is no file of ours.
constexpr std::uint64_t memory_max = std::uint64_t{256} << 20U;

}  // namespace

struct XzDecoder::State {
  lzma_stream stream = LZMA_STREAM_INIT;
  bool whole = false;

  bool run(lzma_action action, std::size_t bytes_max, std::string& text) {
    std::array<std::uint8_t, 65536> block;
    while (!whole) {
      stream.next_out = block.data();
      stream.avail_out = block.size();
      const lzma_ret result = lzma_code(&stream, action);
      text.append(reinterpret_cast<const char*>(block.data()), block.size() - stream.avail_out);
      if (result != LZMA_OK && result != LZMA_STREAM_END) return false;
      whole = result == LZMA_STREAM_END;
      if (text.size() > bytes_max || (action == LZMA_RUN && stream.avail_in == 0 && stream.avail_out > 0)) return true;
    }
    return true;
  }
};

XzDecoder::XzDecoder() : state_(std::make_unique<State>()) {
  if (lzma_stream_decoder(&state_->stream, memory_max, LZMA_CONCATENATED) != LZMA_OK) throw std::bad_alloc();
}

XzDecoder::~XzDecoder() { lzma_end(&state_->stream); }

bool XzDecoder::decode(std::string_view piece, std::size_t bytes_max, std::string& text) {
  state_->stream.next_in = reinterpret_cast<const std::uint8_t*>(piece.data());
  state_->stream.avail_in = piece.size();
  return state_->run(LZMA_RUN, bytes_max, text);
}

bool XzDecoder::finish(std::size_t bytes_max, std::string& text) {
  state_->stream.next_in = nullptr;
  state_->stream.avail_in = 0;
  return state_->run(LZMA_FINISH, bytes_max, text) && state_->whole;
}

}  // namespace fleetsim::config
