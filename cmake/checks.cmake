# Targets that read the sources without building: tidy (clang-tidy over everything), format-check, format.
find_program(TETRAPYLON_CLANG_FORMAT clang-format-19)

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
    COMMAND ${CMAKE_SOURCE_DIR}/tests/tidy.py --all
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} USES_TERMINAL VERBATIM)
