/*
    SPDX-License-Identifier: MIT
    The EICAR test file (https://www.eicar.org/download-anti-malware-testfile/): harmless bytes that every
    scanner agrees to call malicious. Written in hexadecimal, so that this file is not the test file.
*/

rule EICAR_Test_File
{
    meta:
        description = "The EICAR anti-malware test file"
        reference = "https://www.eicar.org/download-anti-malware-testfile/"
        author = "Microengine"
        family = "EICAR"
        confidence = 100
    strings:
        $eicar = { 58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35
                   34 28 50 5E 29 37 43 43 29 37 7D 24 45 49 43 41
                   52 2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 56
                   49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45 21 24
                   48 2B 48 2A }
    condition:
        // The standard: at the very start, and at most 128 bytes in all.
        $eicar at 0 and filesize <= 128
}

rule EICAR_Test_String : suspicious
{
    meta:
        description = "The bytes of the EICAR test file inside something else, where the standard does not count them"
        reference = "https://www.eicar.org/download-anti-malware-testfile/"
        author = "Microengine"
        family = "EICAR"
    strings:
        $eicar = { 58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35
                   34 28 50 5E 29 37 43 43 29 37 7D 24 45 49 43 41
                   52 2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 56
                   49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45 21 24
                   48 2B 48 2A }
    condition:
        $eicar and not EICAR_Test_File
}
