# Debian packages of the components: cpack -G DEB, which ./dev package calls. Release 1 of each version.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME microengine)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
# Who maintains the packages, as Debian's tools are told. .invalid is nobody's: who publishes packages sets these two.
if(DEFINED ENV{DEBFULLNAME} AND DEFINED ENV{DEBEMAIL})
    set(CPACK_PACKAGE_CONTACT "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
else()
    set(CPACK_PACKAGE_CONTACT "The Microengine authors <microengine@microengine.invalid>")
endif()
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON) # for /etc
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL host ${own_plugins} sdk)
set(CPACK_DEB_COMPONENT_INSTALL ON)

set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(version ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})

# Scripts, list of configuration files, copyright, changelog and overrides of one package.
set(debian ${CMAKE_CURRENT_SOURCE_DIR}/debian)
configure_file(${debian}/changelog changelog @ONLY)
set(changelog ${CMAKE_CURRENT_BINARY_DIR}/changelog.Debian.gz)
add_custom_command(
    OUTPUT ${changelog}
    COMMAND sh -c "gzip -9nc \"$0\" >\"$1\"" ${CMAKE_CURRENT_BINARY_DIR}/changelog ${changelog}
    DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/changelog
    VERBATIM)
add_custom_target(debian_changelog ALL DEPENDS ${changelog})
function(microengine_package component name)
    string(TOUPPER ${component} upper)
    file(READ ${debian}/${name}.description description)
    string(STRIP "${description}" description)
    file(GLOB control ${debian}/${name}/*)
    set(CPACK_DEBIAN_${upper}_PACKAGE_NAME
        ${name}
        PARENT_SCOPE)
    set(CPACK_COMPONENT_${upper}_DESCRIPTION
        "${description}"
        PARENT_SCOPE)
    set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA
        ${control}
        PARENT_SCOPE)
    install(
        FILES ${debian}/${name}.copyright
        DESTINATION share/doc/${name}
        RENAME copyright
        COMPONENT ${component}
        EXCLUDE_FROM_ALL)
    install(
        FILES ${changelog}
        DESTINATION share/doc/${name}
        COMPONENT ${component}
        EXCLUDE_FROM_ALL)
    configure_file(${debian}/lintian-overrides lintian/${name} @ONLY)
    install(
        FILES ${CMAKE_CURRENT_BINARY_DIR}/lintian/${name}
        DESTINATION share/lintian/overrides
        COMPONENT ${component}
        EXCLUDE_FROM_ALL)
endfunction()

microengine_package(host microengine)
set(CPACK_DEBIAN_HOST_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_HOST_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_HOST_PACKAGE_DEPENDS "systemd-standalone-sysusers | systemd | systemd-sysusers")
set(CPACK_DEBIAN_HOST_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_HOST_PACKAGE_SUGGESTS "microengine-plugin-clamav, yara")

foreach(plugin IN LISTS own_plugins)
    string(TOUPPER ${plugin} upper)
    microengine_package(${plugin} microengine-plugin-${plugin})
    set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION utils)
    set(CPACK_DEBIAN_${upper}_PACKAGE_SHLIBDEPS ON)
    set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "microengine (= ${version})")
endforeach()
set(CPACK_DEBIAN_CLAMAV_PACKAGE_RECOMMENDS clamav-freshclam)

microengine_package(sdk microengine-sdk)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_SDK_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_SDK_PACKAGE_RECOMMENDS "microengine, cmake, make | ninja-build, g++")
set(CPACK_DEBIAN_SDK_PACKAGE_SUGGESTS "pkgconf, rustc")

include(CPack)
