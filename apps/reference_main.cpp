// Writes what the build installs beside the program and is made from its options:
//   ockham_reference FOLDER    ->  FOLDER/ockham.1 and FOLDER/ockham.bash

#include <exception>
#include <filesystem>
#include <iostream>
#include <vector>

#include "apps/commands.hpp"
#include "apps/reference.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/file.hpp"

int main(int argc, char** argv) {
  using namespace ockham;
  if (argc != 2) {
    std::cerr << "usage: ockham_reference FOLDER\n";
    return 2;
  }
  try {
    std::vector<CommandInfo> commands;
    for (const SubcommandEntry& entry : subcommands()) {
      commands.push_back(entry.make()->options().info());
    }
    const std::filesystem::path folder = argv[1];
    make_folders(folder.string());
    write_file_atomically(folder / "ockham.1", man_page(commands, OCKHAM_VERSION));
    write_file_atomically(folder / "ockham.bash", bash_completion(commands));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "ockham_reference: " << error.what() << '\n';
    return 1;
  }
}
