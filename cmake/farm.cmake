# Symlink farms: show the kernel exactly the system headers it may use and nothing that stands beside them.
#   ${TETRAPYLON_BOOST_INCLUDE}  boost/ only
#   ${TETRAPYLON_UAPI_INCLUDE}   linux/ asm/ asm-generic/ of this ISA's Linux UAPI headers; for kernel/abi/linux only
function(tetrapylon_farm variable name)
    set(folder ${CMAKE_BINARY_DIR}/header_farm/${name})
    file(MAKE_DIRECTORY ${folder})
    foreach(source IN LISTS ARGN)
        if(NOT EXISTS ${source})
            message(FATAL_ERROR "${source} is missing: ./pylon doctor says which package has it")
        endif()
        get_filename_component(leaf ${source} NAME)
        file(CREATE_LINK ${source} ${folder}/${leaf} SYMBOLIC)
    endforeach()
    set(${variable} ${folder} PARENT_SCOPE)
endfunction()

tetrapylon_farm(TETRAPYLON_BOOST_INCLUDE boost /usr/include/boost)

if(TETRAPYLON_ISA STREQUAL "aarch64")
    set(uapi /usr/aarch64-linux-gnu/include)
    tetrapylon_farm(TETRAPYLON_UAPI_INCLUDE uapi ${uapi}/linux ${uapi}/asm ${uapi}/asm-generic)
elseif(TETRAPYLON_ISA STREQUAL "riscv64")
    set(uapi /usr/riscv64-linux-gnu/include)
    tetrapylon_farm(TETRAPYLON_UAPI_INCLUDE uapi ${uapi}/linux ${uapi}/asm ${uapi}/asm-generic)
else()
    set(uapi /usr/include)
    tetrapylon_farm(TETRAPYLON_UAPI_INCLUDE uapi ${uapi}/linux ${uapi}/x86_64-linux-gnu/asm ${uapi}/asm-generic)
endif()
