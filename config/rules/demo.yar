/*
    SPDX-License-Identifier: MIT
    Rules to try Microengine with and to learn from. They are few and plain: a collection that protects
    anything has thousands, see "rules" in the configuration.

    A match is malicious unless the rule carries the tag "suspicious".
*/

rule Demo_Marker_Malicious
{
    meta:
        description = "A harmless marker text, for trying out a malicious verdict"
        author = "Microengine"
        family = "Demo"
    strings:
        // The parentheses keep this file from being the marker itself.
        $marker = /MICROENGINE-TEST-(MALICIOUS)-PATTERN/ fullword
    condition:
        $marker at 0
}

rule Demo_Marker_Suspicious : suspicious
{
    meta:
        description = "A harmless marker text, for trying out a suspicious verdict"
        author = "Microengine"
    strings:
        $marker = /MICROENGINE-TEST-(SUSPICIOUS)-PATTERN/ fullword
    condition:
        $marker at 0
}

rule Script_Pipes_Download_Into_Shell : suspicious
{
    meta:
        description = "A short script that runs what it downloads, unseen"
        author = "Microengine"
        reference = "https://attack.mitre.org/techniques/T1105/"
        score = 50
    strings:
        // On one line: curl or wget, an address, a pipe, a shell.
        $pipe = /\b(curl|wget)\s[^\n|]{0,200}https?:\/\/[^\s|]{4,200}[^\n|]{0,80}\|\s?(sudo\s)?(ba|da|z)?sh\b/
    condition:
        // "#!" at the start: a script, not a page that talks about one.
        uint16be(0) == 0x2321 and filesize < 4KB and $pipe
}

rule PowerShell_Encoded_Command : suspicious
{
    meta:
        description = "PowerShell started with a hidden window and a Base64 command"
        author = "Microengine"
        reference = "https://attack.mitre.org/techniques/T1059/001/"
        score = 60
    strings:
        $program = /\b(powershell|pwsh)(\.exe)?["']?\s/ nocase
        // Any abbreviation of -EncodedCommand, then at least 40 characters of Base64.
        $command = /\s[-\/]e(c|n|nc|nco|ncod|ncode|ncoded|ncodedcommand)?\s{1,4}["']?[A-Za-z0-9+\/]{40}/ nocase
        $hidden = /\s[-\/]w(in|indow|indowstyle)?\s{1,4}["']?(hidden|1)\b/ nocase
    condition:
        filesize < 1MB and $program and $command and $hidden
}
