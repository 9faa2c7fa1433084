# A library of the project. Each but those of apps/ comes twice: ockham_<name>, and, for the tests,
# ockham_<name>_sanitized with the address and undefined-behaviour sanitizers' checks compiled in. The
# tests' own sources are compiled once and linked with either, for they take longer to compile than what
# they test.
#   ockham_library(NAME [ONCE] SOURCES FILE... [USES NAME...] [PRIVATE TARGET...] [HEADERS TARGET...])
# USES are libraries of the project. PRIVATE is linked; HEADERS are headers alone, which who links an
# installed library does not need.
set(OCKHAM_TWICE OFF)
if(OCKHAM_BUILD_TESTS AND NOT OCKHAM_SANITIZE AND NOT OCKHAM_FUZZ)
  set(OCKHAM_TWICE ON)
endif()

# What nearly every source includes, compiled once where the time to build is what counts. Where sources
# are not joined they go without: each is seen to include what it uses.
set(OCKHAM_SHARED_HEADERS <algorithm> <filesystem> <functional> <memory> <ranges> <span> <sstream>
  <string> <vector>)
if(CMAKE_UNITY_BUILD)
  add_library(ockham_headers OBJECT EXCLUDE_FROM_ALL
    ${PROJECT_SOURCE_DIR}/tests/support/test_headers.cpp)
  target_link_libraries(ockham_headers PRIVATE ockham_options)
  target_precompile_headers(ockham_headers PRIVATE ${OCKHAM_SHARED_HEADERS})
endif()
if(OCKHAM_TWICE)
  add_library(ockham_sanitizers INTERFACE)
  target_compile_options(ockham_sanitizers INTERFACE -O1 -g1 -UNDEBUG -fno-omit-frame-pointer
    -fsanitize=address,undefined -fno-sanitize-recover=all
    # The address sanitizer sees what goes through such a pointer.
    -fno-sanitize=null,pointer-overflow
    # A quarter of the time to compile the rest; the fuzz preset has it.
    -fno-sanitize=alignment)
  target_link_options(ockham_sanitizers INTERFACE -fsanitize=address,undefined)
  add_library(ockham_sanitized_headers OBJECT EXCLUDE_FROM_ALL
    ${PROJECT_SOURCE_DIR}/tests/support/test_headers.cpp)
  target_link_libraries(ockham_sanitized_headers PRIVATE ockham_options ockham_sanitizers)
  target_precompile_headers(ockham_sanitized_headers PRIVATE ${OCKHAM_SHARED_HEADERS})
endif()

# Kernels are joined to nothing: they are one source for all instruction sets, which compiles itself
# for each, or intrinsics with warnings off. Their values are vectors in registers, and checks of each
# one's life and size would be half of the time that all kernels take to compile; accesses to memory are
# checked.
function(ockham_set_kernels_apart)
  set(kernels)
  foreach(source IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    if(EXISTS ${source})  # a generated one may not yet
      file(STRINGS ${source} intrinsics REGEX "hwy/foreach_target.h|amx_intrinsics-inl.hpp" LIMIT_COUNT 1)
      if(intrinsics)
        list(APPEND kernels ${source})
      endif()
    endif()
  endforeach()
  set(lighter -fno-sanitize-address-use-after-scope -fno-sanitize=vptr,object-size)
  set_source_files_properties(${kernels} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON
    COMPILE_OPTIONS "$<$<IN_LIST:ockham_sanitizers,$<TARGET_PROPERTY:LINK_LIBRARIES>>:${lighter}>")
endfunction()

function(ockham_library name)
  cmake_parse_arguments(LIBRARY "ONCE" "" "SOURCES;USES;PRIVATE;HEADERS" ${ARGN})
  set(objects ${name})  # of all that it takes to link it
  foreach(used IN LISTS LIBRARY_USES)
    get_property(used_objects GLOBAL PROPERTY OCKHAM_OBJECTS_${used})
    list(APPEND objects ${used_objects})
  endforeach()
  list(REMOVE_DUPLICATES objects)
  set_property(GLOBAL PROPERTY OCKHAM_OBJECTS_${name} ${objects})
  ockham_set_kernels_apart(${LIBRARY_SOURCES})
  list(TRANSFORM LIBRARY_USES PREPEND ockham_)
  list(TRANSFORM LIBRARY_HEADERS REPLACE "(.+)" "$<BUILD_INTERFACE:\\1>")
  add_library(ockham_${name} STATIC ${LIBRARY_SOURCES})
  set(targets ockham_${name})
  if(OCKHAM_TWICE AND NOT LIBRARY_ONCE)
    add_library(ockham_${name}_sanitized STATIC EXCLUDE_FROM_ALL ${LIBRARY_SOURCES})
    list(APPEND targets ockham_${name}_sanitized)
  endif()
  foreach(target IN LISTS targets)
    set(uses ${LIBRARY_USES})
    set(options $<BUILD_INTERFACE:ockham_options>)
    set(headers ockham_headers)
    if(target MATCHES "_sanitized$")
      list(TRANSFORM uses APPEND _sanitized)
      list(APPEND options ockham_sanitizers)
      set(headers ockham_sanitized_headers)
    endif()
    if(TARGET ${headers} AND NOT LIBRARY_PRIVATE MATCHES "OpenMP")  # it changes how headers are compiled
      target_precompile_headers(${target} REUSE_FROM ${headers})
    endif()
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_link_libraries(${target} PUBLIC ${uses}
      PRIVATE ${options} ${LIBRARY_PRIVATE} ${LIBRARY_HEADERS})
  endforeach()
  set(OCKHAM_LIBRARY_TARGETS ${targets} PARENT_SCOPE)
endfunction()
