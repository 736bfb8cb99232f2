# kernel_image(): links all kernel folders with the ISA's kernel.ld into tetrapylon.elf, and makes from it `tetrapylon`,
# the file that QEMU's -kernel gets (docs/boot-protocol.md): a raw image on aarch64, a stripped ELF on the others.
function(kernel_image)
    set(script ${CMAKE_SOURCE_DIR}/kernel/arch/${TETRAPYLON_ISA}/kernel.ld)
    get_property(libraries GLOBAL PROPERTY TETRAPYLON_KERNEL_LIBRARIES)
    add_executable(tetrapylon.elf)
    target_link_libraries(tetrapylon.elf PRIVATE ${libraries})
    target_link_options(tetrapylon.elf PRIVATE
        -T ${script} -nostdlib -static --gc-sections --build-id=none -z noexecstack
        --discard-locals) # riscv's .L labels would stand between a function's name and its code
    set_target_properties(tetrapylon.elf PROPERTIES
        LINKER_LANGUAGE CXX LINK_DEPENDS ${script} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

    if(TETRAPYLON_ISA STREQUAL "aarch64")
        set(form -O binary)
    else()
        set(form --strip-all)
    endif()
    add_custom_command(
        OUTPUT ${CMAKE_BINARY_DIR}/tetrapylon
        COMMAND ${TETRAPYLON_OBJCOPY} ${form} $<TARGET_FILE:tetrapylon.elf> ${CMAKE_BINARY_DIR}/tetrapylon
        DEPENDS tetrapylon.elf
        VERBATIM)
    add_custom_target(image ALL DEPENDS ${CMAKE_BINARY_DIR}/tetrapylon)
endfunction()
