# What "cmake --install" puts where. Components: "program" to classify with, "dev" to build against.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ockham)
get_property(rooms GLOBAL PROPERTY OCKHAM_ROOMS)

install(TARGETS ockham RUNTIME COMPONENT program)
install(FILES ${PROJECT_BINARY_DIR}/apps/reference/ockham.1
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(FILES ${PROJECT_BINARY_DIR}/apps/reference/ockham.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ockham COMPONENT program)
install(PROGRAMS data/fetch_imdb data/fetch_sst2 data/fetch_ag_news data/fetch_yelp_polarity
  DESTINATION ${CMAKE_INSTALL_DATADIR}/ockham COMPONENT program)
install(FILES data/fetch_lib.sh data/csv_to_tsv.awk
  DESTINATION ${CMAKE_INSTALL_DATADIR}/ockham COMPONENT program)

# The static libraries. Headers that end in -inl.hpp are for the library's own sources.
list(TRANSFORM rooms PREPEND ockham_ OUTPUT_VARIABLE room_targets)
install(TARGETS ${room_targets} EXPORT ockhamTargets ARCHIVE COMPONENT dev)
install(DIRECTORY lib/ockham DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev
  FILES_MATCHING PATTERN "*.hpp" PATTERN "*-inl.hpp" EXCLUDE)
install(FILES lib/ockham/deploy/ockham.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)

# For find_package(ockham).
install(EXPORT ockhamTargets NAMESPACE ockham:: DESTINATION ${package_dir} COMPONENT dev)
configure_package_config_file(cmake/ockhamConfig.cmake.in
  ${PROJECT_BINARY_DIR}/ockhamConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ockhamConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ockhamConfig.cmake
  ${PROJECT_BINARY_DIR}/ockhamConfigVersion.cmake DESTINATION ${package_dir} COMPONENT dev)

# For pkg-config, which links in the order of the line: who uses before who is used. The paths are
# relative, so that the tree can be moved.
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH OCKHAM_PC_PREFIX /${pkgconfig_dir} /)
list(REVERSE rooms)
list(TRANSFORM rooms PREPEND -lockham_)
list(JOIN rooms " " OCKHAM_PC_LIBS)
list(TRANSFORM OpenMP_CXX_LIB_NAMES PREPEND -l OUTPUT_VARIABLE openmp)
list(JOIN openmp " " OCKHAM_PC_OPENMP)
configure_file(cmake/ockham.pc.in ${PROJECT_BINARY_DIR}/ockham.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/ockham.pc DESTINATION ${pkgconfig_dir} COMPONENT dev)
