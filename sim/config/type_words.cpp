#include "sim/config/type_words.hpp"

#include <array>
#include <cstddef>

namespace fleetsim::config {

const TypeWords& words_for(ValueType type) {
  // In the order of ValueType.
  static constexpr std::array<TypeWords, 19> words{{
      {"truth value", "truth values", "a", "write true or false", "true"},
      {"whole number", "whole numbers", "a", "write a whole number such as 20", "20"},
      {"number", "numbers", "a", "write a number such as 0.5 or 20", "0.5"},
      {"text", "texts", "a", "write a text such as bidder", "NAME"},
      {"word", "words", "a", "write one of the words allowed", ""},
      {"share", "shares", "a", "write a share such as 75% or 0.75", "75%"},
      {"duration", "durations", "a", "write a duration with its unit, such as 200ms or 5m", "5m"},
      {"time since the start", "times since the start", "a",
       "write a time since the start of the run, such as 3h or 2d12h", "2d12h"},
      {"size", "sizes", "a", "write a size with its unit, such as 90 GiB or 90 GB", "90 GiB"},
      {"amount of money", "amounts of money", "an", "write an amount of money with its unit, such as 4100 USD", "4100 USD"},
      {"price per hour", "prices per hour", "a", "write a price with its unit, such as 0.085 USD/h", "0.085 USD/h"},
      {"price per gigabyte", "prices per gigabyte", "a", "write a price with its unit, such as 0.01 USD/GB", "0.01 USD/GB"},
      {"request rate", "request rates", "a", "write a request rate with its unit, such as 250 requests/s", "250 requests/s"},
      {"data rate", "data rates", "a", "write a data rate with its unit, such as 10 MiB/s or 500 Mbps", "10 MiB/s"},
      {"time in UTC", "times in UTC", "a", "write a time in UTC such as 2021-08-01T00:00:00Z", "2021-08-01T00:00:00Z"},
      {"schedule", "schedules", "a",
       "write rate(5 minutes), cron(0 20 * * ? *), or five fields as in crontab, such as 0 22 * * 1-5", "rate(5 minutes)"},
      {"time zone", "time zones", "a", "write a name of the IANA time zone database, such as Europe/Berlin", "Europe/Berlin"},
      {"file name", "file names", "a", "write the name of a file in the scenario's folder, such as data/bids.csv", "data/bids.csv"},
      {"duration or distribution", "durations or distributions", "a",
       "write a duration such as 5m, or a distribution such as {lognormal: {median: 30s, sigma: 0.25}}", "5m"},
  }};
  return words[static_cast<std::size_t>(type)];
}

}  // namespace fleetsim::config
