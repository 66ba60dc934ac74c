# Stand-ins for ns-3's build macros, so that one CMakeLists.txt serves both a build against an
# installed ns-3 and a build inside an ns-3 tree.

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

option(WFL_NATIVE "Compile for this machine's instruction set only" OFF)
option(WFL_TESTS "Build the tests" ON)
option(WFL_EXAMPLES "Build the examples" ON)

enable_testing()

# No version is asked for: Debian's package accepts only the exact one.
find_package(ns3 REQUIRED)

# The libraries are called ns3::libcore up to release 3.42 and ns3::core from 3.43 on.
foreach(module antenna applications bridge buildings config-store core csma energy internet
               lr-wpan lte mobility netanim network point-to-point propagation sixlowpan spectrum stats
               traffic-control virtual-net-device wifi)
  if(TARGET ns3::lib${module})
    set(lib${module} ns3::lib${module})
  elseif(TARGET ns3::${module})
    set(lib${module} ns3::${module})
  endif()
endforeach()

# The exported targets name folders and libraries that the distribution's package does not depend
# on; what this machine lacks is dropped.
get_directory_property(imported_targets IMPORTED_TARGETS)
foreach(target ${imported_targets})
  if(NOT target MATCHES "^ns3::")
    continue()
  endif()
  foreach(property INTERFACE_INCLUDE_DIRECTORIES INTERFACE_LINK_LIBRARIES)
    get_target_property(items ${target} ${property})
    if(NOT items)
      continue()
    endif()
    set(kept)
    foreach(item ${items})
      if(NOT IS_ABSOLUTE "${item}" OR EXISTS "${item}")
        list(APPEND kept "${item}")
      endif()
    endforeach()
    set_target_properties(${target} PROPERTIES ${property} "${kept}")
  endforeach()
endforeach()

add_library(wfl-flags INTERFACE)
# An installed ns-3 is a release build; our own assertions and logs work all the same.
target_compile_definitions(wfl-flags INTERFACE
  $<$<CONFIG:Debug>:NS3_ASSERT_ENABLE>
  $<$<CONFIG:Debug>:NS3_LOG_ENABLE>
)
target_compile_options(wfl-flags INTERFACE -Wall -Wextra -Werror -ffp-contract=off)
if(WFL_NATIVE)
  target_compile_options(wfl-flags INTERFACE -march=native)
endif()

# Builds the module's library. Headers are reached as ns3/NAME, as in an ns-3 tree.
function(build_lib)
  cmake_parse_arguments(LIB "" "LIBNAME"
    "SOURCE_FILES;HEADER_FILES;LIBRARIES_TO_LINK;TEST_SOURCES" ${ARGN})
  set(module_header "#pragma once\n")
  foreach(header ${LIB_HEADER_FILES})
    get_filename_component(name ${header} NAME)
    file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/include/ns3/${name}
         CONTENT "#include \"${CMAKE_CURRENT_SOURCE_DIR}/${header}\"\n")
    string(APPEND module_header "#include \"ns3/${name}\"\n")
  endforeach()
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/include/ns3/${LIB_LIBNAME}-module.h
       CONTENT "${module_header}")
  add_library(${LIB_LIBNAME} SHARED ${LIB_SOURCE_FILES})
  target_include_directories(${LIB_LIBNAME} PUBLIC ${CMAKE_BINARY_DIR}/include)
  target_link_libraries(${LIB_LIBNAME} PUBLIC ${LIB_LIBRARIES_TO_LINK} PRIVATE wfl-flags)
  set(lib${LIB_LIBNAME} ${LIB_LIBNAME} CACHE INTERNAL "name of the library for link lists")
  if(WFL_EXAMPLES)
    add_subdirectory(examples)
  endif()
  if(WFL_TESTS)
    add_subdirectory(tests)
    add_subdirectory(benchmarks)
  endif()
endfunction()

# Builds one example program.
function(build_lib_example)
  cmake_parse_arguments(EXAMPLE "" "NAME" "SOURCE_FILES;LIBRARIES_TO_LINK" ${ARGN})
  add_executable(${EXAMPLE_NAME} ${EXAMPLE_SOURCE_FILES})
  target_link_libraries(${EXAMPLE_NAME} PRIVATE ${EXAMPLE_LIBRARIES_TO_LINK} wfl-flags)
endfunction()
