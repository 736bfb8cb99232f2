# Targets that read the sources without building: tidy (clang-tidy over this build's files), format-check, format.
find_program(TETRAPYLON_CLANG_FORMAT clang-format-19)
find_program(TETRAPYLON_CLANG_TIDY run-clang-tidy-19)
find_program(TETRAPYLON_CLANG_TIDY_BINARY clang-tidy-19)

set(sources_of_ours "kernel/*.[ch]pp" "host/*.[ch]pp" "programs/*.[ch]pp" "programs/*.c" "programs/*.h" "tests/*.[ch]pp"
    "kernel/lib/libc/include/*.h")
list(JOIN sources_of_ours "' '" quoted)
add_custom_target(format-check
    COMMAND sh -c "git ls-files -z -- '${quoted}' | xargs -0r ${TETRAPYLON_CLANG_FORMAT} --dry-run --Werror"
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM)
add_custom_target(format
    COMMAND sh -c "git ls-files -z -- '${quoted}' | xargs -0r ${TETRAPYLON_CLANG_FORMAT} -i"
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM)
add_custom_target(tidy
    COMMAND ${TETRAPYLON_CLANG_TIDY} -quiet -clang-tidy-binary ${TETRAPYLON_CLANG_TIDY_BINARY} -p ${CMAKE_BINARY_DIR}
            "${CMAKE_SOURCE_DIR}/(kernel|host|tests)/.*\\.cpp$"
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM)
