#include <iostream>

#include "ockham/deploy/compact_file.hpp"
#include "ockham/deploy/engine.hpp"
#include "ockham/tensor/error.hpp"

int main(int argc, char** argv) try {  // classify MODEL TEXT
  if (argc != 3) throw ockham::Error("expected MODEL TEXT");
  const ockham::Engine engine(ockham::read_compact(argv[1]));
  const std::string_view text = argv[2];
  ockham::ThreadPool pool(1);
  ockham::Matrix probabilities;
  engine.predict({&text, 1}, pool, probabilities);
  for (size_t c = 0; c < engine.classes().size(); ++c) {
    std::cout << engine.classes()[c] << '\t' << probabilities(0, c) << '\n';
  }
} catch (const ockham::Error& error) {
  std::cerr << "classify: " << error.what() << '\n';
  return 1;
}
