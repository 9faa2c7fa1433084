#include "ockham/text/record_reader.hpp"

#include "ockham/tensor/error.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {

void RecordReader::add_label(std::string_view bytes, Record& record) {
  std::string& label = record.labels.emplace_back();
  statistics_.replaced_sequences += sanitize_utf8(bytes, label);
  if (label.empty()) fail(where(), ": the label is empty; give the text a label or remove it");
  if (label.find_first_of("\t\r\n") != std::string::npos) {
    fail(where(), ": the label ", quote(label), " has a tab or a line break in it; rename it");
  }
}

void RecordReader::set_text(std::string_view bytes, Record& record) {
  statistics_.replaced_sequences += sanitize_utf8(bytes, record.text);
}

}  // namespace ockham
