# Tests rooms.cmake on small trees:  cmake -DSCRATCH=folder -P rooms_test.cmake

cmake_minimum_required(VERSION 3.25)

# A tree with this one file must be accepted ("fine") or refused with
# a message that matches the pattern.
function(expect pattern file content)
  file(REMOVE_RECURSE ${SCRATCH})
  file(WRITE ${SCRATCH}/tensor/error.hpp "#pragma once\n#include <string>\n")
  file(WRITE ${SCRATCH}/${file} "${content}\n")
  execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${SCRATCH} -P ${CMAKE_CURRENT_LIST_DIR}/rooms.cmake
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  if(pattern STREQUAL "fine")
    if(NOT result EQUAL 0)
      message(SEND_ERROR "${file} with ${content} was refused: ${output}")
    endif()
  elseif(result EQUAL 0 OR NOT output MATCHES "${pattern}")
    message(SEND_ERROR "${file} with ${content}: expected \"${pattern}\", got: ${output}")
  endif()
endfunction()

expect("fine" nn/lstm.hpp "#include \"ockham/bayes/parameter.hpp\"")
expect("fine" nn/lstm.hpp "#include \"ockham/nn/cell.hpp\"")
expect("fine" nn/lstm.cpp "#include <hwy/highway.h>")
expect("fine" tensor/simd-inl.hpp "#include <hwy/highway.h>")
expect("fine" nn/lstm.hpp "// as #include \"ockham/train/adam.hpp\" would be")
expect("train comes after nn" nn/lstm.cpp "#include \"ockham/train/adam.hpp\"")
expect("train comes after nn" nn/inner/lstm.hpp "  #  include <ockham/train/adam.hpp>")
expect("deploy comes after train" train/adam.hpp "#include \"ockham/deploy/engine.hpp\"")
expect("no such room" nn/lstm.cpp "#include \"ockham/attic/adam.hpp\"")
expect("no room" attic/old.hpp "#pragma once")
expect("only \"ockham/" text/words.cpp "#include \"../train/adam.hpp\"")
expect("only \"ockham/" text/words.cpp "#include \"data/sample_corpus.hpp\"")
foreach(header dnnl.hpp oneapi/dnnl/dnnl.hpp sentencepiece_processor.h nlohmann/json.hpp utf8proc.h
    hwy/highway.h Random123/philox.h boost/math/special_functions.hpp)
  expect("belongs in a .cpp file" tensor/matrix.hpp "#include <${header}>")
endforeach()

file(REMOVE_RECURSE ${SCRATCH})
