// SPDX-License-Identifier: MIT
// What scan() may return, and what becomes of what it may not.
#include "tests/scanner_fixture.hpp"

#include <microengine/plugin.h>

#include <string>
#include <vector>

namespace microengine::python {
namespace {

using support::Seen;
using testing::HasSubstr;

TEST_F(PythonTest, BitAndVerdictAreFourAnswers) {
    EXPECT_EQ(harness.scan("return ScanResult()").verdict, ME_UNKNOWN);
    EXPECT_EQ(harness.scan("return ScanResult(False, True)").verdict, ME_SUSPICIOUS);
    EXPECT_EQ(harness.scan("return ScanResult(True, False)").verdict, ME_BENIGN);
    EXPECT_EQ(harness.scan("return ScanResult(True, True)").verdict, ME_MALICIOUS);
    EXPECT_EQ(harness.scan("return ScanResult(1, 0)").verdict, ME_BENIGN);
}

TEST_F(PythonTest, ConfidenceIsInBasisPoints) {
    EXPECT_EQ(harness.scan("return ScanResult(True, False, 0.25)").confidence, 2500U);
    EXPECT_EQ(harness.scan("return ScanResult(True, True, 0)").confidence, 0U);
    EXPECT_EQ(harness.scan("return ScanResult(True, True, 1)").confidence, 10000U);
    EXPECT_EQ(harness.scan("return ScanResult(True, True, None)").confidence, ME_CONFIDENCE_UNSET);
}

struct Bad {
    const char* artifact;
    const char* why;
};

TEST_F(PythonTest, WhatIsNoAnswerIsAFailureAndNeverBenign) {
    const std::vector<Bad> all{
        {"return None", "scan() returned no ScanResult: NoneType None"},
        {"return True", "no ScanResult: bool True"},
        {"return (True, False)", "no ScanResult: tuple"},
        {"return Broken()", "no ScanResult: Broken …"},
        {"return ScanResult(True, None)", "whose verdict is no bool: NoneType None"},
        {"return ScanResult('', False)", "whose bit is no bool: str ''"},
        {"return ScanResult(True, False, 1.01)", "confidence is not from 0 to 1: float 1.01"},
        {"return ScanResult(True, False, -1)", "confidence is not from 0 to 1: int -1"},
        {"return ScanResult(True, False, math.nan)", "confidence is not from 0 to 1: float nan"},
        {"return ScanResult(True, False, math.inf)", "confidence is not from 0 to 1: float inf"},
        {"return ScanResult(True, False, 10 ** 400)", "confidence"},
        {"return ScanResult(True, False, 'sure')", "confidence is no number: str 'sure'"},
        {"return ScanResult(True, False, True)", "confidence is no number: bool True"},
        {"do raise ValueError('bad')", "ValueError: bad (<string>:1 in <module>; awkward.py:"},
        {"do raise BrokenError()", "BrokenError: it cannot be shown ("},
        {"do sys.exit(0)", "SystemExit: 0 ("},
        {"do raise asyncio.CancelledError()", "CancelledError ("},
        {"do raise TimeoutError()", "TimeoutError ("},
        {"do raise KeyboardInterrupt()", "KeyboardInterrupt ("},
        {"do def f(): f()\nf()", "RecursionError: "},
        {"return Verdict().json()", "ValueError: a verdict needs a malware_family"},
    };
    for (const Bad& bad : all) {
        const Seen seen = harness.scan(bad.artifact);
        EXPECT_EQ(seen.status, ME_E_FAILED) << bad.artifact;
        EXPECT_EQ(seen.verdict, ME_UNKNOWN) << bad.artifact;
        EXPECT_THAT(seen.fail_text, HasSubstr(bad.why)) << bad.artifact;
    }
    EXPECT_EQ(harness.scan("do raise MemoryError()").status, ME_E_NO_MEMORY);
    EXPECT_EQ(harness.scan("a letter").verdict, ME_BENIGN) << "and it goes on";
}

TEST_F(PythonTest, ReasonsAreBounded) {
    const Seen seen = harness.scan("do raise ValueError('x' * 1000000)");
    EXPECT_EQ(seen.status, ME_E_FAILED);
    EXPECT_LT(seen.fail_text.size(), 2000U);
}

struct Told {
    const char* metadata;
    const char* name;
    const char* family;
    const char* detail;
};

TEST_F(PythonTest, MetadataIsAFamilyAndDetail) {
    const std::vector<Told> all{
        {"Verdict().set_malware_family('F').add_domain('a.example')", "F", "F",
         R"({"domains": ["a.example"]})"},
        {"Verdict().set_malware_family('F').set_scanner(version='1').json()", "F", "F",
         R"({"scanner": {"version": "1"}})"},
        {"{'malware_family': ' F ', 'k': 1}", "F", "F", R"({"k": 1})"},
        {"'Plain.Text'", "Plain.Text", "Plain.Text", ""},
        {"'\"Quoted\"'", "Quoted", "Quoted", ""},
        {"''", "awkward.malicious", "", ""},
        {"{'malware_family': 7}", "awkward.malicious", "", ""},
    };
    for (const Told& told : all) {
        const Seen seen =
            harness.scan(std::string("return ScanResult(True, True, 1.0, ") + told.metadata + ")");
        ASSERT_EQ(seen.detections.size(), 1U) << told.metadata << seen.fail_text;
        EXPECT_EQ(seen.detections[0].name, told.name);
        EXPECT_EQ(seen.detections[0].family, told.family);
        EXPECT_EQ(seen.detections[0].detail, told.detail);
    }
    EXPECT_EQ(harness.scan("return ScanResult(False, True)").detections.at(0).name, "awkward.suspicious");
}

TEST_F(PythonTest, AMistakeInMetadataDoesNotCostTheVerdict) {
    for (const char* metadata : {"7", "[1]", "Broken()", "Verdict()", "{'k': math.nan}", "{'k': object()}",
                                 "'[' * 100000", "{'malware_family': '\\ud800'}", "{(1, 2): 3}"}) {
        const Seen seen = harness.scan(std::string("return ScanResult(True, True, 1.0, ") + metadata + ")");
        EXPECT_EQ(seen.status, ME_OK) << metadata << seen.fail_text;
        EXPECT_EQ(seen.verdict, ME_MALICIOUS) << metadata;
    }
    EXPECT_THAT(harness.scan("return ScanResult(True, True, 1.0, 7)").log,
                testing::Contains(HasSubstr("metadata is left out: TypeError")));
}

}   // namespace
}   // namespace microengine::python
