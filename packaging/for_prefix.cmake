# Runs at cmake --install: what names a path of the installation, or lies outside of the prefix. Call install_for_prefix().
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)
# CMake's list of what was installed, install_manifest.txt, is CMAKE_INSTALL_MANIFEST_FILES: each function hands it on.

# Installs text as folder/name; folder is absolute, and DESTDIR comes before it. By way of a folder scratch.
function(install_text scratch folder name text)
    file(WRITE ${scratch}/${name} "${text}")
    file(
        INSTALL
        DESTINATION "${folder}"
        TYPE FILE FILES ${scratch}/${name})
    return(PROPAGATE CMAKE_INSTALL_MANIFEST_FILES)
endfunction()

# The same for what its reader changes: one that is there stays.
function(install_config scratch folder name text)
    if(EXISTS "$ENV{DESTDIR}${folder}/${name}")
        message(STATUS "Kept: $ENV{DESTDIR}${folder}/${name}")
    else()
        install_text(${scratch} ${folder} ${name} "${text}")
    endif()
    return(PROPAGATE CMAKE_INSTALL_MANIFEST_FILES)
endfunction()

# The configuration with its [[backend]] clamav as a comment.
function(without_clamav toml out)
    string(FIND "${toml}" "[[backend]]\nname = \"clamav\"" at)
    if(at LESS 0)
        message(FATAL_ERROR "config/microengine.toml has no backend clamav")
    endif()
    string(SUBSTRING "${toml}" 0 ${at} before)
    string(SUBSTRING "${toml}" ${at} -1 clamav)
    string(FIND "${clamav}" "\n\n" end) # what comes after it, if it is not the last
    set(after "")
    if(end GREATER 0)
        string(SUBSTRING "${clamav}" ${end} -1 after)
        string(SUBSTRING "${clamav}" 0 ${end} clamav)
    endif()
    string(REGEX REPLACE "([^\n]+\n?)" "# \\1" clamav "${clamav}")
    set(how "# Once its plugin is installed (Debian: microengine-plugin-clamav), take away the # before these lines.\n")
    set(${out}
        "${before}${how}${clamav}${after}"
        PARENT_SCOPE)
endfunction()

# source: the tree; pages: where the completions are.
function(install_for_prefix source pages)
    set(prefix ${CMAKE_INSTALL_PREFIX})
    # Not in the build: who installs is not always who may write there.
    execute_process(
        COMMAND mktemp -d
        OUTPUT_VARIABLE scratch
        OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    foreach(service IN ITEMS microengine.service microengine-worker@.service)
        file(READ ${source}/config/systemd/${service} unit)
        string(REPLACE "ExecStart=/usr/bin/" "ExecStart=${prefix}/bin/" unit "${unit}")
        install_text(${scratch} ${prefix}/lib/systemd/system ${service} "${unit}")
    endforeach()

    # Of the component alone it has no ClamAV, which is a component of its own.
    file(READ ${source}/config/microengine.toml toml)
    if(CMAKE_INSTALL_COMPONENT STREQUAL "host")
        without_clamav("${toml}" toml)
    endif()
    install_text(${scratch} ${prefix}/share/microengine microengine.toml "${toml}")

    # The system's configuration goes with the prefix /usr.
    if(prefix STREQUAL "/usr")
        string(REGEX REPLACE "settings.database = \\[\"clamav\"\\] *#"
                             "settings.database = [\"/usr/share/microengine/clamav\"]   #" toml "${toml}")
        string(REPLACE "Copy this file to ~/.config/microengine/ or /etc/microengine/ and change it there."
                       "A user's own is ~/.config/microengine/microengine.toml." toml "${toml}")
        install_config(${scratch} /etc/microengine microengine.toml "${toml}")
        foreach(rules IN ITEMS eicar.yar demo.yar)
            file(READ ${source}/config/rules/${rules} text)
            install_config(${scratch} /etc/microengine/rules ${rules} "${text}")
        endforeach()
    endif()

    # Debian's zsh looks elsewhere for what packages bring.
    set(zsh site-functions)
    if(prefix STREQUAL "/usr" AND EXISTS /etc/debian_version)
        set(zsh vendor-completions)
    endif()
    file(
        INSTALL
        DESTINATION "${prefix}/share/zsh/${zsh}"
        TYPE FILE RENAME _microengine FILES ${pages}/completion.zsh)
    file(REMOVE_RECURSE ${scratch})
    return(PROPAGATE CMAKE_INSTALL_MANIFEST_FILES)
endfunction()

cmake_policy(POP)
