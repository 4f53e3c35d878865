#pragma once
/// A folder of its own for each test, gone when the test ends.

#include <filesystem>
#include <string_view>

namespace fleetsim::test {

class TemporaryFolder {
 public:
  TemporaryFolder();
  /// In memory where the machine has a file system for that, for what is brought to the disk a hundred times.
  static TemporaryFolder in_memory();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file below the folder, with the folders it needs; its path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const;

 private:
  explicit TemporaryFolder(const std::filesystem::path& parent);
  std::filesystem::path path_;
};

}  // namespace fleetsim::test
