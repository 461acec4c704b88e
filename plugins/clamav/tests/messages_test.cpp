// SPDX-License-Identifier: GPL-2.0-only
#include "messages.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

namespace microengine::clamav {
namespace {

TEST(Messages, TellWhatLibclamavDidNotLookAt) {
    const std::pair<std::string_view, Complaint> cases[] = {
        {"cli_writen: write error: No space left on device", Complaint::input_output},
        {"cli_gentempfd_with_prefix: Can't create temporary file /t/x: No such file or directory",
         Complaint::input_output},
        {"Can't create temporary directory for scan: /t/scantemp.", Complaint::input_output},
        {"fmap_readpage: fstat failed: Bad file descriptor", Complaint::input_output},
        {"CRITICAL: fmap() failed", Complaint::input_output},
        {"cli_untar: only wrote 5 bytes to file x (out of disc space?)", Complaint::input_output},
        {"cli_max_malloc(): Can't allocate memory (5 bytes).", Complaint::no_memory},
        {"cli_pdf: cannot reallocate memory for decoded output", Complaint::no_memory},
        {"cli_egg_bzip2_decompress: cannot allocate memory for decompressed output", Complaint::no_memory},
        {"messageAddStr: out of memory", Complaint::no_memory},
        {"cli_max_malloc(): File or section is too large to scan (9 bytes). For your safety, ClamAV limits "
         "how much memory an "
         "operation can allocate to 1 bytes",
         Complaint::too_large},
        {"cli_scanxz: decompress file size exceeds limits - only scanning 5 bytes", Complaint::too_large},
        {"cli_scanxz: premature end of compressed stream", Complaint::corrupt},
        {"cli_scanxz: decompress error: 5", Complaint::corrupt},
        {"cli_untar: block read error", Complaint::corrupt},
        {"Bytecode run timed out in interpreter after 5 opcodes", Complaint::too_long},
        {"cli_rmdirs: Can't remove temporary directory /t: No such file or directory", Complaint::none},
        {"cli_untar: only wrote 5 bytes to file cli_rmdirs (out of disc space?)", Complaint::input_output},
        {"SWF: Tag length too large.", Complaint::none},
        {"", Complaint::none},
    };
    for (const auto& [text, complaint] : cases) EXPECT_EQ(complaint_of(text), complaint) << text;
}

TEST(Messages, TellThatSignaturesWereLeftOut) {
    EXPECT_TRUE(lost_signatures("cli_loadyara: failed to parse or load 1 yara rules from file x.yar"));
    EXPECT_TRUE(lost_signatures("Malformed pattern line 4 (file x.ndb)"));
    EXPECT_TRUE(lost_signatures("yyerror(): x.yar line 3 undefined identifier \"pe\""));
    EXPECT_FALSE(lost_signatures("Detected duplicate databases daily.cvd and daily.cld"));
}

}   // namespace
}   // namespace microengine::clamav
