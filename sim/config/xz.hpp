#pragma once
/// Decompresses .xz data piece by piece.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace fleetsim::config {

class XzDecoder {
 public:
  XzDecoder();
  ~XzDecoder();
  XzDecoder(const XzDecoder&) = delete;
  XzDecoder& operator=(const XzDecoder&) = delete;

  /// Appends what comes out of the next piece to `text`, and stops once that is over `bytes_max`. False if it is not
  /// xz data.
  bool decode(std::string_view piece, std::size_t bytes_max, std::string& text);
  /// The pieces are at their end: false if they were cut off.
  bool finish(std::size_t bytes_max, std::string& text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fleetsim::config
