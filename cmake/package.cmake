# Debian packages: "cpack" in the build folder, or "./run package". Two, because classifying needs no
# compiler: ockham with the program, libockham-dev with the static libraries and their headers.
set(OCKHAM_PACKAGE_CONTACT "The Ockham authors <ockham@localhost>" CACHE STRING
  "Maintainer of the Debian packages")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ockham)
set(CPACK_PACKAGE_VENDOR "The Ockham authors")
set(CPACK_PACKAGE_CONTACT "${OCKHAM_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/package)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
  GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/compress_manual.cmake)
set(CPACK_COMPONENTS_ALL program dev)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME ockham)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "curl, unzip")  # for the corpora's scripts
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
  "Trains text classifiers on labelled lines of text, shrinks them to a few
kilobytes, and classifies with them.")

# The object files in the static libraries need these at the link.
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libockham-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
  "g++, libdnnl-dev, ocl-icd-opencl-dev, libhwy-dev, libcerf-dev, libsentencepiece-dev, libutf8proc-dev, libzstd-dev, zlib1g-dev, pkg-config")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS "cmake, ockham (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_DEV_DESCRIPTION
  "The libraries of ockham, their headers, and what CMake and pkg-config need to
find them.")

foreach(component program dev)
  string(TOUPPER ${component} upper)
  install(FILES cmake/debian_copyright COMPONENT ${component} RENAME copyright
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
endforeach()
include(CPack)
