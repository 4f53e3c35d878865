#include "tools/cli/destination.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace fleetsim::cli {

namespace {

namespace fs = std::filesystem;

bool is_stdout(const Destination& destination) { return !destination || *destination == "-"; }

std::string reason(int error) {
  if (error == EPIPE) return "the program that reads it has ended";
  return std::generic_category().message(error);
}

[[noreturn]] void fail(const std::string& where, int error) {
  throw WriteError(fmt::format("cannot write the results to {}: {}", where, reason(error)));
}

/// An open file that closes itself; `close` tells whether that worked, for some file systems report a full disk only
/// then.
class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  ~OpenFile() {
    if (fd_ != -1) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int fd() const { return fd_; }
  bool is_open() const { return fd_ != -1; }
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

/// Returns 0, or errno.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written == -1) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// The same of all that the source gives. After an error the rest is not written.
int write_all(int fd, const TextSource& text) {
  constexpr std::size_t enough = 1 << 16;
  std::string waiting;
  int error = 0;
  const auto flush = [&] {
    if (error == 0) error = write_all(fd, std::string_view(waiting));
    waiting.clear();
  };
  text([&](std::string_view piece) {
    if (waiting.size() + piece.size() > enough) flush();
    if (piece.size() <= enough) waiting += piece;
    else if (error == 0) error = write_all(fd, piece);
  });
  flush();
  return error;
}

void write_stdout(const TextSource& text) {
  if (const int error = write_all(STDOUT_FILENO, text)) {
    if (error == EPIPE) throw WriteError("the program that reads the results has ended");
    if (error == EBADF) throw WriteError("cannot write the results: standard output is closed");
    fail("standard output", error);
  }
  // Nothing is written to it after the results; a file on a network may report a full disk only at its closing.
  if (::close(STDOUT_FILENO) != 0 && errno != EBADF) fail("standard output", errno);
}

void write_directly(const std::string& path, const TextSource& text) {
  OpenFile file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) fail(path, errno);
  if (const int error = write_all(file.fd(), text)) fail(path, error);
  if (!file.close()) fail(path, errno);
}

/// The permissions of a file that is made anew, or of the one that is there.
mode_t mode_for(const fs::path& path) {
  struct stat existing {};
  if (stat(path.c_str(), &existing) == 0) return existing.st_mode & 07777;
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

/// A rename would replace it all the same, and root may write to any file; the owner meant neither.
bool is_read_only(const fs::path& path) {
  constexpr auto writable = fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write;
  std::error_code error;
  return (fs::status(path, error).permissions() & writable) == fs::perms::none || access(path.c_str(), W_OK) != 0;
}

/// Brings a rename to the disk. A file system that can't is no reason to call a complete file wrong.
void synchronize_folder(const fs::path& folder) {
  OpenFile opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.is_open()) fsync(opened.fd());
}

/// Writes, synchronizes and closes a file; returns 0, or errno.
int fill(OpenFile& file, const TextSource& text, mode_t mode) {
  if (const int error = write_all(file.fd(), text)) return error;
  if (fchmod(file.fd(), mode) != 0 || fsync(file.fd()) != 0 || !file.close()) return errno;
  return 0;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/// The file that a link leads to, so that the link stays a link.
fs::path resolved(const std::string& path) {
  std::error_code unresolved;
  const fs::path target = fs::canonical(path, unresolved);
  return unresolved ? fs::path(path) : target;
}

void replace_file(const std::string& path, const TextSource& text) {
  const fs::path target = resolved(path);
  std::string temporary = folder_of(target) / ("." + target.filename().string() + ".XXXXXX");
  OpenFile file(mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.is_open()) fail(path, errno);
  int error = 0;
  try {
    error = fill(file, text, mode_for(target));
  } catch (...) {  // of the text's source
    unlink(temporary.c_str());
    throw;
  }
  if (error == 0 && std::rename(temporary.c_str(), target.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    fail(path, error);
  }
  synchronize_folder(folder_of(target));
}

}  // namespace

std::string obstacle(const Destination& destination, const std::vector<std::string>& inputs) {
  if (is_stdout(destination)) return "";
  const fs::path path = *destination;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return fmt::format("cannot write to {}: it is a folder", *destination);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    if (access(path.c_str(), W_OK) == 0) return "";
    return fmt::format("cannot write to {}: {}", *destination, reason(errno));
  }
  for (const std::string& input : inputs) {
    if (fs::equivalent(path, input, error)) {
      return fmt::format("cannot write to {}: it is a file that is read\n  help: give the results another name", input);
    }
  }
  if (fs::exists(status) && is_read_only(path)) {
    return fmt::format("cannot write to {}: the file is read-only", *destination);
  }
  const fs::path folder = folder_of(resolved(*destination));
  if (!fs::is_directory(folder, error)) {
    return fmt::format("cannot write to {}: there is no folder {}", *destination, folder.string());
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    return fmt::format("cannot write to {}: folder {}: {}", *destination, folder.string(), reason(errno));
  }
  return "";
}

std::string collision(const std::vector<Destination>& destinations) {
  std::vector<fs::path> places;  // empty: standard output
  for (const Destination& destination : destinations) {
    fs::path place;
    if (!is_stdout(destination)) {
      std::error_code error;
      const fs::file_status status = fs::status(*destination, error);
      if (fs::exists(status) && !fs::is_regular_file(status)) continue;  // a device takes any number
      place = fs::weakly_canonical(*destination, error);
      if (error) continue;
    }
    if (std::find(places.begin(), places.end(), place) != places.end()) {
      return fmt::format("two results would be written to {}\n  help: give each a file of its own",
                         place.empty() ? "standard output" : *destination);
    }
    places.push_back(std::move(place));
  }
  return "";
}

void write(const Destination& destination, std::string_view text) {
  write(destination, TextSource([text](const TextSink& out) { out(text); }));
}

void write(const Destination& destination, const TextSource& text) {
  if (is_stdout(destination)) {
    write_stdout(text);
    return;
  }
  std::error_code error;
  const fs::file_status status = fs::status(*destination, error);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    write_directly(*destination, text);
  } else {
    replace_file(*destination, text);
  }
}

}  // namespace fleetsim::cli
