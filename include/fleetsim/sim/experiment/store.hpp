#pragma once
/// The durable store of one study: an SQLite database with its designs, what each replication measured, and where that
/// came from. docs/studies.md documents the schema for people; docs/decisions/0010-study-store.md says why it is so.
///
/// A batch of replications is one transaction, brought to the disk before commit() returns. A process that ends at any
/// instant leaves all batches committed so far and no part of another. Several processes may use one file: SQLite lets
/// one write at a time, and a replication that two have run is kept once.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fleetsim::experiment {

/// A parameter and its value, both as text.
struct Setting {
  std::string name{};
  std::string value{};
  bool operator==(const Setting&) const = default;
};

struct Design {
  std::string name{};               ///< for people; unique in its study
  std::vector<Setting> settings{};  ///< in the order of the study's parameters; together unique
  bool operator==(const Design&) const = default;
};

struct MetricColumn {
  std::string name{};    ///< in the study: letters, digits and '_'
  std::string source{};  ///< in the model
  std::string unit{};
  bool operator==(const MetricColumn&) const = default;
};

/// A file that the results depend on.
struct InputFile {
  std::string name{};
  std::string digest{};
  std::uint64_t bytes = 0;
  std::string text{};  ///< empty where only the digest is kept
};

/// What results must agree on to be of one study.
struct StudyIdentity {
  std::string name{};
  std::uint64_t seed = 1;
  bool antithetic_pairs = false;
  bool common_random_numbers = true;
  std::vector<MetricColumn> metrics{};
  std::vector<Setting> settings{};   ///< the same for all designs
  /// What the words in designs' settings stand for: a parameter's place in the model, what a design of a name changes. A
  /// store learns new words; one that it knows must keep its meaning.
  std::vector<Setting> definitions{};
  std::vector<InputFile> inputs{};
};

/// Share `number` of `count`, counted from 1.
struct Share {
  std::uint32_t number = 1;
  std::uint32_t count = 1;
  bool operator==(const Share&) const = default;
};

/// What a person may want to know of the process that ran a replication; no result depends on it.
struct Session {
  std::string program{};
  std::string version{};
  std::string host{};
  std::int64_t process = 0;
  std::string started{};  ///< UTC, ISO 8601
};

/// The store can't be used as wanted. `what()` is ready to print and says how to mend it.
class StoreError : public std::runtime_error {
 public:
  enum class Kind : std::uint8_t {
    refused,  ///< another study's, of a newer version, no store at all, not to be written
    failed    ///< the disk is full or broken
  };
  StoreError(Kind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

/// Replications with the values of all metrics, in the order of the study's metrics, not-a-number where one was not
/// observed.
struct Batch {
  std::vector<std::uint32_t> designs{};
  std::vector<std::uint64_t> replications{};
  std::vector<double> values{};  ///< one after the other
  std::vector<std::int64_t> sessions{};  ///< numbers of who ran them; empty: this process ran all
  std::size_t size() const { return designs.size(); }
  void add(std::uint32_t design, std::uint64_t replication, std::span<const double> measured) {
    designs.push_back(design);
    replications.push_back(replication);
    values.insert(values.end(), measured.begin(), measured.end());
  }
};

/// The row of one metric of one design in the view for people.
struct Statistics {
  std::uint64_t n = 0;
  double mean = 0;
  std::optional<std::pair<double, double>> interval{};      ///< 95 %, of the mean
  double stddev = 0, min = 0, p05 = 0, p50 = 0, p95 = 0, max = 0;
  std::optional<std::pair<double, double>> p95_interval{};  ///< 95 %, by order statistics
};
/// Of all values that are there. Of antithetic pairs, as estimate_mean() has it.
Statistics statistics_of(std::span<const double> values, bool antithetic_pairs);

/// The row of one design.
struct DesignStatistics {
  std::size_t design = 0;
  std::uint64_t replications = 0;     ///< there, whatever they observed
  std::vector<Statistics> metrics{};  ///< in the order of the study's metrics
};

class StudyStore {
 public:
  /// The newest schema that this program reads and writes.
  static constexpr int schema_version = 1;

  /// Opens the store of this study and share, or makes it. Throws StoreError if the file is that of another study,
  /// saying what differs; inputs that the store does not have yet are added.
  static StudyStore open(const std::string& path, const StudyIdentity& identity, Share share, const Session& session);
  /// Opens a store that is there, only to read, as it is at this moment whatever others add.
  static StudyStore read(const std::string& path);
  StudyStore(StudyStore&&) noexcept;
  StudyStore& operator=(StudyStore&&) noexcept;
  ~StudyStore();

  const std::string& path() const;
  const StudyIdentity& identity() const;
  Share share() const;
  /// A text kept beside the study under this name, such as the study file's; empty if there is none.
  std::string note(const std::string& name) const;
  void set_note(const std::string& name, const std::string& text);

  /// In the order in which they were added; a design's number is its place.
  const std::vector<Design>& designs() const;
  /// The number of each of `wanted`, those not there added in their order, in one transaction.
  std::vector<std::size_t> find_or_add(const std::vector<Design>& wanted);

  using Visit = std::function<void(std::size_t design, std::uint64_t replication, std::span<const double> values)>;
  /// Every replication, by design and number. Throws StoreError for one of a design that the store does not have.
  void each_replication(const Visit& visit) const;
  std::uint64_t replications() const;
  /// Who ran each replication, in the order of each_replication(): numbers of sessions.
  std::vector<std::int64_t> replication_sessions() const;
  /// Makes the sessions of another store known to this one; their numbers here, by their numbers there.
  std::map<std::int64_t, std::int64_t> adopt_sessions(const StudyStore& other);
  /// Whether another process has committed since this was last asked.
  bool changed_by_others();
  /// Adds the batch and the new statistics of designs in one transaction. Replications that are there already stay as they
  /// are.
  void commit(const Batch& batch, const std::vector<DesignStatistics>& statistics);
  /// Of the programs that ran the replications, each once, in the order of their names.
  std::vector<std::string> versions() const;

 private:
  struct Impl;
  explicit StudyStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Joins the stores of shares into one, which is made or added to. Shares may come in any order, in several calls and
/// more than once. Throws StoreError if one is of another study, of another division, or contradicts another about a
/// replication.
struct MergeResult {
  std::uint64_t added = 0;             ///< replications
  /// Shares of the division that have not been joined yet, or only before they were finished.
  std::vector<std::uint32_t> missing{};
  /// Of the shares given now those that are not finished: their files, and how many replications they lack. They count as
  /// missing in the next call.
  std::vector<std::pair<std::string, std::uint64_t>> unfinished{};
};
/// The note in which a share says how many replications it is to hold in the end.
inline constexpr const char* replications_wanted_note = "replications wanted";
/// The note in which a share says how many replications every design is to get, in words that all shares have in common.
inline constexpr const char* division_note = "division";
/// Of a merged store the shares that are not in it, or only before they were finished; of another store none.
std::vector<std::uint32_t> missing_shares(const StudyStore& store);
MergeResult merge_shares(const std::string& into, const std::vector<std::string>& shares, const Session& session);

}  // namespace fleetsim::experiment
