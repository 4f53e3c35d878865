/// YAML files that are refused before a reader sees them, and in which words.

#include <string>
#include <string_view>

#include "fleetsim/sim/config/document.hpp"
#include "sim/config_errors.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using namespace fleetsim::config;

namespace {

/// Reads one key, `a`, and takes any value.
void read_a(Section& in) {
  if (in.has_section("a")) {
    in.optional_section("a", "", [](Section& a) {
      std::string b;
      a.optional("b", b);
    });
  } else {
    std::vector<std::string> list;
    in.optional("a", list);
  }
}

std::string errors_of(std::string_view text) { return test::errors_of(text, read_a); }

}  // namespace

TEST_CASE("yaml: a key given twice names the first place", "[config][yaml][table]") {
  CHECK(errors_of("a: [x]\na: [y]\n") ==
        "test.yaml:2:1: error: key 'a' is given twice\n  help: it is first given at line 1, column 1\n");
  CHECK(errors_of("a: {b: x, b: y, b: z}\n") ==
        "test.yaml:1:11: error: key 'b' is given twice\n  help: it is first given at line 1, column 5\n"
        "test.yaml:1:17: error: key 'b' is given twice\n  help: it is first given at line 1, column 5\n");
}

TEST_CASE("yaml: nesting is allowed to 64 levels", "[config][yaml][table]") {
  const auto nested = [](int levels) {
    const auto count = static_cast<std::size_t>(levels - 1);  // the top level is one
    return "a: " + std::string(count, '[') + std::string(count, ']') + "\n";
  };
  CHECK(errors_of(nested(64)) ==
        "test.yaml:1:5: error: a: a list where a text is meant\n"
        "  help: write a text such as bidder\n");
  CHECK(errors_of(nested(65)) == "test.yaml:1:67: error: nested deeper than 64 levels\n");
  CHECK(errors_of(nested(100'000)) == "test.yaml:1:67: error: nested deeper than 64 levels\n");
  CHECK(errors_of(std::string(5'000, '{')) == "test.yaml:1:64: error: nested deeper than 64 levels\n");
  std::string block;
  for (std::size_t i = 0; i < 70; ++i) block += std::string(i, ' ') + "a:\n";
  CHECK(errors_of(block) == "test.yaml:65:65: error: nested deeper than 64 levels\n");
}

TEST_CASE("yaml: aliases repeat a value and are bounded in what they expand to", "[config][yaml][table]") {
  CHECK(errors_of("a: [&x one, *x]\n") == "");
  CHECK(errors_of("a: [*x]\n") ==
        "test.yaml:1:5: error: an alias to an anchor that is not defined\n"
        "  help: define it before its use, as in &name\n");
  CHECK(errors_of("a: &x [*x]\n") == "test.yaml:1:8: error: an alias stands inside the value that it repeats\n");
  // Line n holds 10^n values and a list for each ten: 123,456 up to line 5, and line 6 repeats 111,111 at a time.
  std::string laughs = "a: [&l0 [x,x,x,x,x,x,x,x,x,x],\n";
  for (int i = 1; i < 10; ++i) {
    const std::string alias = "*l" + std::to_string(i - 1) + " ";
    laughs += "&l" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) laughs += alias + ",";
    laughs += "],\n";
  }
  CHECK(errors_of(laughs + "]\n") == "test.yaml:6:6: error: aliases expand to more than 200000 values\n");
  std::string chain = "a: [&n0 [x]";
  for (int i = 1; i < 100; ++i) chain += ", &n" + std::to_string(i) + " [*n" + std::to_string(i - 1) + "]";
  CHECK(errors_of(chain + "]\n").ends_with("error: nested deeper than 64 levels\n"));
  std::string many = "a: [";
  for (int i = 0; i < 200'001; ++i) many += "x,";
  CHECK(errors_of(many + "]\n").ends_with("error: the file holds more than 200000 values\n"));
}

TEST_CASE("yaml: '<<' merges mappings, own keys and earlier ones first", "[config][yaml][table]") {
  std::vector<std::string> values;
  const auto read = [&](Section& in) {
    for (const std::string key : {"base", "other", "a"}) {
      in.optional_section(key, "", [&](Section& section) {
        for (const std::string inner : {"b", "c", "d"}) {
          std::string value = "-";
          section.optional(inner, value);
          if (key == "a") values.push_back(value);
        }
      });
    }
  };
  CHECK(test::errors_of("base: &base {b: 1, c: 1}\nother: &other {c: 2, d: 2}\na: {<<: [*base, *other], b: 0}\n",
                        read) == "");
  CHECK(values == std::vector<std::string>{"0", "1", "2"});
  CHECK(errors_of("a: {<<: x}\n") == "test.yaml:1:9: error: '<<' merges mappings, not a value\n");
}

TEST_CASE("yaml: keys are plain words", "[config][yaml][table]") {
  const std::string help = "  help: a key is a plain word, followed by a colon and a blank\n";
  CHECK(errors_of("[x, y]: z\n") == "test.yaml:1:1: error: a list where a key is meant\n" + help);
  CHECK(errors_of("? {x: y}\n: z\n") == "test.yaml:1:3: error: a mapping where a key is meant\n" + help);
  CHECK(errors_of("~: z\n") == "test.yaml:1:1: error: no value where a key is meant\n" + help);
  CHECK(errors_of("'': z\n") == "test.yaml:1:1: error: a key is empty\n");
}

TEST_CASE("yaml: only the standard tags are known", "[config][yaml][table]") {
  CHECK(errors_of("a: [!!str x, !!int 5]\n") == "");
  CHECK(errors_of("a: [!secret x]\n") == "test.yaml:1:5: error: unknown tag '!secret'\n  help: remove the tag\n");
  CHECK(errors_of("a: [!!binary x]\n") ==
        "test.yaml:1:5: error: unknown tag 'tag:yaml.org,2002:binary'\n  help: remove the tag\n");
}

TEST_CASE("yaml: a file is one document, and that a mapping", "[config][yaml][table]") {
  CHECK(errors_of("---\na: [x]\n...\n") == "");
  CHECK(errors_of("a: [x]\n---\na: [y]\n") ==
        "test.yaml:2:1: error: a second document begins here\n"
        "  help: a scenario is one document; remove the '---' line\n");
  const std::string help =
      "  help: a scenario is a mapping: each line at the top level begins with a key and a colon\n";
  CHECK(errors_of("- a\n- b\n") == "test.yaml:1:1: error: a list where a mapping is meant\n" + help);
  CHECK(errors_of("just words\n") == "test.yaml:1:1: error: a value where a mapping is meant\n" + help);
  for (const char* empty : {"", "\n\n", "# only a comment\n", "---\n", "~\n"}) {
    CHECK(errors_of(empty) ==
          "test.yaml: error: the file is empty\n"
          "  help: a scenario is a mapping: each line at the top level begins with a key and a colon\n");
  }
}

TEST_CASE("yaml: a file that is no text is refused with the byte's place", "[config][yaml][table]") {
  const std::string help = "  help: save the file as UTF-8 text\n";
  CHECK(errors_of(std::string_view("a: [x]\n\0", 8)) ==
        "test.yaml:2:1: error: is not a text file: byte 7 is 0x00, a control character\n" + help);
  // The YAML library would take this byte for the end of the file.
  CHECK(errors_of("a: [x]\n\x04"
                  "b: y\n") ==
        "test.yaml:2:1: error: is not a text file: byte 7 is 0x04, a control character\n" + help);
  CHECK(errors_of("a: [caf\xE9]\n") ==
        "test.yaml:1:8: error: is not a text file: byte 7 is 0xE9, which is not valid UTF-8\n" + help);
  for (const char* invalid :
       {"\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\x80", "\xF0\x9F\x9A"}) {
    CHECK_THAT(errors_of(std::string("a: [") + invalid + "]\n"),
               Catch::Matchers::ContainsSubstring("which is not valid UTF-8"));
  }
  CHECK(errors_of("\xEF\xBB\xBF"
                  "a: [caf\xC3\xA9, \xF0\x9F\x9A\x80]\n") == "");
}

TEST_CASE("yaml: what does not parse is told in plain words", "[config][yaml][table]") {
  CHECK(errors_of("a: [x\nb: y\n") ==
        "test.yaml:1:4: error: this '[' is not closed\n"
        "  help: separate items by commas and close with ']'; what stands at line 2, column 2 cannot follow inside it\n");
  CHECK(errors_of("a: {b: x\n") ==
        "test.yaml:1:4: error: this '{' is not closed\n"
        "  help: separate items by commas and close with '}'; what stands at line 2, column 1 cannot follow inside it\n");
  CHECK(errors_of("a: {b: cron(0 3 ? * 2 *)}\n") ==
        "test.yaml:1:17: error: a '?' after a blank stands for a key inside of '{'\n"
        "  help: quote the text that holds it, such as \"cron(0 20 * * ? *)\"; outside of brackets it needs no quotes\n");
  CHECK(errors_of("a: [\"cron(0 3 ? * 2 *)\"]\n") == "");
  CHECK(errors_of("a: [x]]\n") == "test.yaml:1:7: error: a closing bracket stands without its opening one\n");
  CHECK(errors_of("a:\n\tb: x\n") ==
        "test.yaml:2:3: error: a tab is used for indentation\n  help: indent with blanks\n");
  CHECK(errors_of("a:\n  b: x\n c: y\n") ==
        "test.yaml:3:2: error: this line does not fit into the mapping around it\n"
        "  help: write 'key: value', indented as the keys beside it\n");
  CHECK(errors_of("a: b: c\n") ==
        "test.yaml:1:5: error: a ':' cannot stand here\n  help: quote a text that holds ': '\n");
  CHECK(errors_of("a: \"\\q\"\n") ==
        "test.yaml:1:7: error: unknown escape in a double-quoted text\n"
        "  help: use single quotes to take a backslash as it is\n");
  CHECK(errors_of("a: @x\n") == "test.yaml:1:4: error: this character cannot begin a value\n  help: quote the text\n");
  CHECK(errors_of("a: - x\n") ==
        "test.yaml:1:4: error: a list item '-' cannot stand here\n"
        "  help: put it on a line of its own, indented below its key\n");
  CHECK(errors_of("a: *\n") ==
        "test.yaml:1:5: error: a '*' is not followed by the name of an anchor\n"
        "  help: quote a text that begins with '*'\n");
  CHECK(errors_of("a: & x\n") ==
        "test.yaml:1:5: error: a '&' is not followed by a name\n  help: quote a text that begins with '&'\n");
  CHECK(errors_of("%YAML 9.9\n---\na: [x]\n") ==
        "test.yaml:1:1: error: the file asks for a version of YAML that is not known\n  help: remove the %YAML line\n");
  CHECK(errors_of("a: |x\n") == "test.yaml:1:5: error: not valid YAML: unexpected character in block scalar\n");
}

TEST_CASE("yaml: a quote that is not closed is refused wherever the file ends", "[config][yaml][table]") {
  const std::string message = ": error: a quoted text is not closed\n  help: close it with the quote that opens it\n";
  CHECK_THAT(errors_of("a: 'x"), Catch::Matchers::EndsWith(message));
  CHECK_THAT(errors_of("a: \"x"), Catch::Matchers::EndsWith(message));
  CHECK(errors_of("a: 'x\n") == "test.yaml:1:4" + message);
  CHECK(errors_of("a: 'it''s\n\n") == "test.yaml:1:4" + message);
  CHECK(errors_of("a: \"x\\\"\n") == "test.yaml:1:4" + message);
  CHECK(errors_of("a: !!str &y 'x\n") == "test.yaml:1:4" + message);
  CHECK(errors_of("a: ['it''s', \"\\\"x\\\\\", !!str 'x', &y '']\n") ==
        "test.yaml:1:34: error: a: the text is empty\n");
}

TEST_CASE("yaml: a path that is no readable file is refused", "[config][yaml][table]") {
  test::TemporaryFolder folder;
  const auto errors = [&](const char* name) { return test::errors_of_file(folder.path() / name, read_a); };
  CHECK(errors("missing.yaml") == "missing.yaml: error: there is no such file\n");
  std::filesystem::create_directory(folder.path() / "sub");
  CHECK(errors("sub") == "sub: error: is a folder, not a file\n");
  folder.write("large.yaml", "a: [x]\n" + std::string((std::size_t{16} << 20U) - 6, '#'));
  CHECK(errors("large.yaml") == "large.yaml: error: is larger than 16 MiB\n");
}
