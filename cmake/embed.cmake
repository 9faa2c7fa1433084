# Puts files into a C++ source, each as what a function gives back for its name without extension:
#   cmake -DFILES="a.c;b.c" -DOUTPUT=parts.cpp -DTEMPLATE=parts.cpp.in -P embed.cmake
set(PARTS "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND PARTS "    {\"${name}\", R\"--END--(${text})--END--\"},\n")
endforeach()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
