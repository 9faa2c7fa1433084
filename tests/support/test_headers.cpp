// The headers that tests/CMakeLists.txt precompiles hang on a target, which needs a source.
