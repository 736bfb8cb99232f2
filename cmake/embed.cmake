# embed_texts(<target> <namespace> <header> <folder>): every text file of the folder becomes a std::string_view of the
# program, as <header> declares it: "a page/walk.css" is <namespace>::walk_css. Changing a file builds it again.
#
# Run as a script (-DOUTPUT= -DNAMESPACE= -DHEADER= -DFILES= -P embed.cmake) it writes the source file.
if(CMAKE_SCRIPT_MODE_FILE)
    set(text "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n")
    string(REPLACE "," ";" FILES "${FILES}")
    foreach(file IN LISTS FILES)
        get_filename_component(name ${file} NAME)
        string(MAKE_C_IDENTIFIER "${name}" name)
        file(READ ${file} content)
        string(APPEND text "\nconst std::string_view ${name} = R\"embedded(${content})embedded\";\n")
    endforeach()
    file(WRITE ${OUTPUT} "${text}\n}\n")
    return()
endif()

set(TETRAPYLON_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(embed_texts target namespace header folder)
    file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.*)
    string(REPLACE ";" "," joined "${files}")
    string(MAKE_C_IDENTIFIER "${folder}" name)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DNAMESPACE=${namespace} -DHEADER=${header} -DFILES=${joined}
                -P ${TETRAPYLON_EMBED_SCRIPT}
        DEPENDS ${files} ${TETRAPYLON_EMBED_SCRIPT}
        VERBATIM)
    target_sources(${target} PRIVATE ${output})
endfunction()
