# switchyard_test(NAME [AS_ONE] SOURCES... LIBRARIES...): one GoogleTest program, its cases found by
# ctest. AS_ONE: ctest runs the whole program as one test, for cases that share what is dear to make.
find_package(GTest REQUIRED)
include(GoogleTest)
# Only the sanitized build reads it.
set(SWITCHYARD_TEST_ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/leaks.supp:print_suppressions=0")
function(switchyard_test name)
  cmake_parse_arguments(ARG "AS_ONE" "SHARDS" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE SWITCHYARD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(ARG_AS_ONE)
    add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES
      TIMEOUT 900 ENVIRONMENT "${SWITCHYARD_TEST_ENVIRONMENT}")
    return()
  endif()
  if(ARG_SHARDS)
    math(EXPR last "${ARG_SHARDS} - 1")
    foreach(shard RANGE ${last})
      add_test(NAME ${name}.${shard} COMMAND ${name} --gtest_brief=1)
      set_tests_properties(${name}.${shard} PROPERTIES TIMEOUT 900
        ENVIRONMENT "${SWITCHYARD_TEST_ENVIRONMENT};GTEST_TOTAL_SHARDS=${ARG_SHARDS};GTEST_SHARD_INDEX=${shard}")
    endforeach()
    return()
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120
    PROPERTIES TIMEOUT 600 ENVIRONMENT "${SWITCHYARD_TEST_ENVIRONMENT}")
endfunction()
