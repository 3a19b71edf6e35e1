# switchyard_test(NAME SOURCES... LIBRARIES...): one GoogleTest program, its cases found by ctest.
find_package(GTest REQUIRED)
include(GoogleTest)
# Only the sanitized build reads it.
set(SWITCHYARD_TEST_ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/leaks.supp:print_suppressions=0")
function(switchyard_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE SWITCHYARD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 120
    PROPERTIES TIMEOUT 600 ENVIRONMENT "${SWITCHYARD_TEST_ENVIRONMENT}")
endfunction()
