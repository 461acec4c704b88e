# Runs at cmake --install: what names a path of the installation, or lies outside of the prefix. Given: source, scratch.

# Writes text to scratch/name and installs it into folder, which is absolute; DESTDIR comes before it.
function(install_text folder name text)
    file(WRITE ${scratch}/${name} "${text}")
    file(INSTALL DESTINATION "${folder}" TYPE FILE FILES ${scratch}/${name})
endfunction()

# The same for what its reader changes: one that is there stays.
function(install_config folder name text)
    if(EXISTS "$ENV{DESTDIR}${folder}/${name}")
        message(STATUS "Kept: $ENV{DESTDIR}${folder}/${name}")
    else()
        install_text(${folder} ${name} "${text}")
    endif()
endfunction()

# The unit names the program.
file(READ ${source}/config/systemd/microengine.service unit)
string(REPLACE "ExecStart=/usr/bin/" "ExecStart=${CMAKE_INSTALL_PREFIX}/bin/" unit "${unit}")
install_text(${CMAKE_INSTALL_PREFIX}/lib/systemd/system microengine.service "${unit}")

# The shipped configuration. Of the component alone, it has no ClamAV: that plugin is another component.
file(READ ${source}/config/microengine.toml toml)
if(CMAKE_INSTALL_COMPONENT STREQUAL host)
    string(FIND "${toml}" "[[backend]]\nname = \"clamav\"" at)
    if(at LESS 0)
        message(FATAL_ERROR "config/microengine.toml has no ClamAV at its end any more")
    endif()
    string(SUBSTRING "${toml}" ${at} -1 clamav)
    string(SUBSTRING "${toml}" 0 ${at} toml)
    string(REGEX REPLACE "([^\n]+\n)" "# \\1" clamav "${clamav}")
    string(APPEND toml "# With the plugin of the package microengine-plugin-clamav, take away the first # of each line:\n\n${clamav}")
endif()
install_text(${CMAKE_INSTALL_PREFIX}/share/microengine microengine.toml "${toml}")

# The system's configuration goes with the prefix /usr; every other one shares /etc with a package.
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    string(REPLACE "settings.database = [\"clamav\"]" "settings.database = [\"/usr/share/microengine/clamav\"]" toml
                   "${toml}")
    string(REPLACE "Copy this file to ~/.config/microengine/ or /etc/microengine/ and change it there."
                   "A user's own is ~/.config/microengine/microengine.toml." toml "${toml}")
    install_config(/etc/microengine microengine.toml "${toml}")
    foreach(rules eicar.yar demo.yar)
        file(READ ${source}/config/rules/${rules} text)
        install_config(/etc/microengine/rules ${rules} "${text}")
    endforeach()
endif()

# Debian's zsh looks elsewhere for what packages bring.
set(zsh site-functions)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr" AND EXISTS /etc/debian_version)
    set(zsh vendor-completions)
endif()
file(INSTALL DESTINATION "${CMAKE_INSTALL_PREFIX}/share/zsh/${zsh}" TYPE FILE RENAME _microengine
     FILES ${scratch}/pages/completion.zsh)
