#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "ockham/deploy/c_export.hpp"
#include "ockham/deploy/engine.hpp"

namespace ockham {

/// A model beside the settings that it is exported with.
struct ExportCase {
  std::string name;  ///< the prefix in the program
  FoldedModel model;
  WeightFormat format = WeightFormat::fp32;
};

inline std::string read_all(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// Runs a command of the shell; the test fails, with all that it said, unless it exits with 0.
inline void run_shell(const std::string& command, const std::filesystem::path& folder) {
  const std::filesystem::path log = folder / "log";
  const std::string line = "cd '" + folder.string() + "' && { " + command + "; } >log 2>&1";
  ASSERT_EQ(std::system(line.c_str()), 0) << command << "\n" << read_all(log);
}

inline bool is_there(const std::string& compiler) {
  return std::system(("command -v " + compiler + " >/dev/null 2>&1").c_str()) == 0;
}

/// A program of all cases: reads texts (4 bytes of length, then the text), and writes every model's
/// probabilities for them; with an argument it writes all classes' names, a NUL behind each.
inline std::string driver_of(const std::vector<ExportCase>& cases) {
  std::string text =
      "#include <stdio.h>\n#include <stdint.h>\n#include <stdlib.h>\n#include <string.h>\n";
  for (const ExportCase& one : cases) text += "#include \"" + one.name + ".h\"\n";
  text += "int main(int count, char **arguments)\n{\n  uint32_t length;\n  (void)arguments;\n";
  for (const ExportCase& one : cases) {
    text += "  for (int k = 0; count > 1 && k < " + std::to_string(one.model.classes.size()) +
            "; ++k) fwrite(" + one.name + "_classes[k], 1, strlen(" + one.name +
            "_classes[k]) + 1, stdout);\n";
  }
  text +=
      "  if (count > 1) return 0;\n"
      "  while (fread(&length, 4, 1, stdin) == 1) {\n"
      "    char *text = malloc(length + (length == 0)); /* exactly: ASan sees reads past it */\n"
      "    float p[64];\n"
      "    if (fread(text, 1, length, stdin) != length) return 1;\n";
  for (const ExportCase& one : cases) {
    const std::string classes = std::to_string(one.model.classes.size());
    text += "    if (" + one.name + "_predict(text, length, p) < 0) return 1;\n    fwrite(p, 4, " +
            classes + ", stdout);\n";
  }
  return text + "    free(text);\n  }\n  return 0;\n}\n";
}

/// Exports all cases into a folder, with the driver.
inline void write_programs(const std::vector<ExportCase>& cases,
                           const std::filesystem::path& folder) {
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary) << text;
  };
  for (const ExportCase& one : cases) {
    const CProgram program = export_c(one.model, one.format, {one.name, one.name + ".h"});
    write(one.name + ".c", program.source);
    write(one.name + ".h", program.header);
  }
  write("driver.c", driver_of(cases));
}

/// What the program says of the texts: for each one, all cases' probabilities.
inline std::vector<float> answers(const std::string& program, const std::vector<std::string>& texts,
                                  const std::filesystem::path& folder) {
  std::ofstream input(folder / "texts", std::ios::binary);
  for (const std::string& text : texts) {
    const auto length = static_cast<uint32_t>(text.size());
    input.write(reinterpret_cast<const char*>(&length), sizeof length);
    input.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  input.close();
  run_shell("./" + program + " <texts >answers", folder);
  const std::string bytes = read_all(folder / "answers");
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

}  // namespace ockham
