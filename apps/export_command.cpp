#include <filesystem>
#include <iostream>
#include <vector>

#include "apps/commands.hpp"
#include "apps/load_model.hpp"
#include "apps/model_folder.hpp"
#include "apps/options.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/deploy/c_export.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/deploy/onnx_export.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

/// What a model can be written as.
enum class ExportFormat { c, onnx };

/// A model and how its weights are rounded.
struct Exported {
  FoldedModel model;
  WeightFormat format;
};

/// A file as it is, a folder as compress makes a file of it unless it is told otherwise.
Exported load_exported(const std::string& path) {
  if (is_model_folder(path)) return {load_folded_folder(path), WeightFormat::int8};
  const std::string bytes = read_compact_bytes(path);
  FoldedModel model = decode_compact(bytes, path);
  return {std::move(model), summarize_compact(bytes, path).format};
}

/// The header beside a source file. The source names it in an #include line.
fs::path header_of(const fs::path& source) {
  const std::string name = source.filename().string();
  if (source.extension() != ".c") {
    throw UsageError("--output \"" + source.string() +
                     "\": expected a file that ends in .c; its header is written beside it");
  }
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\' || c == '?') {
      throw UsageError("--output \"" + source.string() +
                       "\": a program in C cannot include its header by this name; take letters");
    }
  }
  return fs::path(source).replace_extension(".h");
}

/// A file that nobody named is replaced only where it is of an export before.
void check_free(const fs::path& beside, const fs::path& output) {
  std::error_code ignored;
  if (fs::exists(output, ignored) || !fs::exists(beside, ignored)) return;
  fail(beside.string(), ": would be written beside ", output.string(),
       ", and is there already; move it or name another --output");
}

struct Export final : Subcommand {
  std::string model, output, name;
  ExportFormat format = ExportFormat::c;
  Command command{"export", "Write a model as a program in C, or as an ONNX graph.",
                  "ockham export --model reviews.ockham --format c --output reviews.c"};

  Export();
  Command& options() override { return command; }
  int run() override;
  int export_to_c();
  int export_to_onnx();
};

Export::Export() {
  command.required(
      &model, "model", "DIR|FILE",
      "trained folder (weights of 8 bits, as compress rounds them) or deployable file");
  command.choice(&format, "format", {{"c", ExportFormat::c}, {"onnx", ExportFormat::onnx}},
                 "c: a C99 source file and its header, without dependencies or allocation; onnx: a "
                 "graph from numbers of n-grams to probabilities");
  command.required(&output, "output", "FILE.c|FILE.onnx",
                   "the file to write; beside it come FILE.h, or FILE.json, which says how a text "
                   "becomes numbers, and of subwords FILE.model");
  command.option(&name, "name", "NAME", "what all names in a program in C begin with");
  command.describe_default("ockham");
}

int Export::export_to_c() {
  const fs::path header = header_of(output);
  check_outside_model("--output", model, output);
  check_free(header, output);
  const Exported exported = load_exported(model);
  CProgram program;
  try {
    program = export_c(exported.model, exported.format, {name, header.filename().string()});
  } catch (const Error& error) {
    fail(model, ": ", error.what());
  }
  const FileBytes files[] = {{header, program.header}, {output, program.source}};
  write_files_atomically(files);
  std::cerr << output << ", " << header.string() << ": "
            << grouped_digits(exported.model.vocabulary.size()) << " n-grams, weights as "
            << weight_format_name(exported.format) << "; compile with cc -std=c99 -Os and -lm\n";
  return 0;
}

int Export::export_to_onnx() {
  const fs::path graph = output;
  if (graph.extension() != ".onnx") {
    throw UsageError(
        "--output \"" + output +
        "\": expected a file that ends in .onnx; its description is written beside it");
  }
  check_outside_model("--output", model, output);
  const fs::path description = fs::path(graph).replace_extension(".json");
  const fs::path subwords = fs::path(graph).replace_extension(".model");
  check_free(description, graph);
  const Exported exported = load_exported(model);
  OnnxModel onnx;
  try {
    onnx = export_onnx(exported.model, OCKHAM_VERSION);
  } catch (const Error& error) {
    fail(model, ": ", error.what());
  }
  std::vector<FileBytes> files{{description, onnx.description}};
  if (!onnx.subwords.empty()) {
    check_free(subwords, graph);
    files.push_back({subwords, onnx.subwords});
  }
  files.push_back({graph, onnx.model});  // last: where it is, all that it needs is
  write_files_atomically(files);
  std::cerr << output << ", " << description.string() << ": "
            << counted(exported.model.vocabulary.size(), "n-gram", "n-grams") << ", "
            << counted(exported.model.classes.size(), "class", "classes")
            << "; the description says how a text becomes ids\n";
  return 0;
}

int Export::run() {
  if (format != ExportFormat::c && !name.empty()) {
    throw UsageError("--name is of programs in C; leave it out");
  }
  if (name.empty()) name = "ockham";
  try {
    check_c_prefix(name);
  } catch (const Error& error) {
    throw UsageError(std::string("--name: ") + error.what());
  }
  switch (format) {
    case ExportFormat::c:
      return export_to_c();
    case ExportFormat::onnx:
      return export_to_onnx();
  }
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_export_command() {
  return std::make_unique<Export>();
}

}  // namespace ockham
