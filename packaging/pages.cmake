# Manual pages, completions and documentation.
set(pages ${CMAKE_CURRENT_BINARY_DIR}/pages)
file(MAKE_DIRECTORY ${pages})

find_program(SCDOC scdoc)
file(GLOB manuals CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.scd)
if(SCDOC)
    foreach(manual ${manuals})
        get_filename_component(page ${manual} NAME_WLE) # microengine.1
        string(REGEX REPLACE ".*\\." "" section ${page})
        add_custom_command(
            OUTPUT ${pages}/${page}.gz
            COMMAND sh -c "\"$0\" <\"$1\" >\"$2\" && gzip -9nf \"$2\"" ${SCDOC} ${manual} ${pages}/${page}
            DEPENDS ${manual}
            VERBATIM)
        list(APPEND made ${pages}/${page}.gz)
        install(
            FILES ${pages}/${page}.gz
            DESTINATION share/man/man${section}
            COMPONENT host)
    endforeach()
else()
    message(STATUS "scdoc is not installed: no manual pages")
endif()

foreach(shell bash zsh fish)
    add_custom_command(
        OUTPUT ${pages}/completion.${shell}
        COMMAND microengine completion ${shell} >${pages}/completion.${shell}
        DEPENDS microengine)
    list(APPEND made ${pages}/completion.${shell})
endforeach()
# Named as distributions want it.
add_custom_command(
    OUTPUT ${pages}/changelog.gz
    COMMAND sh -c "gzip -9nc \"$0\" >\"$1\"" ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${pages}/changelog.gz
    DEPENDS ${PROJECT_SOURCE_DIR}/CHANGELOG.md
    VERBATIM)
list(APPEND made ${pages}/changelog.gz)
install(
    FILES ${pages}/changelog.gz
    DESTINATION share/doc/microengine
    COMPONENT host)
# Not in a build with sanitizers, which would run the program to build it.
if(NOT MICROENGINE_SANITIZE)
    set(all ALL)
endif()
add_custom_target(
    pages
    ${all}
    DEPENDS ${made})
install(
    FILES ${pages}/completion.bash
    DESTINATION share/bash-completion/completions
    RENAME microengine
    COMPONENT host)
install(
    FILES ${pages}/completion.fish
    DESTINATION share/fish/vendor_completions.d
    RENAME microengine.fish
    COMPONENT host)

# As it lies in the tree, so that links lead somewhere.
set(doc share/doc/microengine)
set(readmes CONTRIBUTING.md LICENSE README.md SECURITY.md)
file(
    GLOB_RECURSE folders
    RELATIVE ${PROJECT_SOURCE_DIR}
    CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/config/*.md ${PROJECT_SOURCE_DIR}/host/*.md
    ${PROJECT_SOURCE_DIR}/plugins/*.md ${PROJECT_SOURCE_DIR}/sdk/*.md)
foreach(readme ${readmes} ${folders})
    get_filename_component(folder ${readme} DIRECTORY)
    install(
        FILES ${PROJECT_SOURCE_DIR}/${readme}
        DESTINATION ${doc}/${folder}
        COMPONENT host)
endforeach()
install(
    DIRECTORY ${PROJECT_SOURCE_DIR}/docs
    DESTINATION ${doc}
    COMPONENT host
    PATTERN "*.scd" EXCLUDE
    PATTERN man EXCLUDE)
