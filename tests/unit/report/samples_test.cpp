// SPDX-License-Identifier: MIT
#include "tests/unit/report/samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

namespace microengine::report::samples {

using core::Outcome, core::Reason, core::Verdict;

core::ScanResult row(const std::string& backend, Verdict verdict) {
    auto facts = std::make_shared<core::BackendFacts>();
    facts->policy.name = backend;
    facts->plugin_id = "org.microengine." + backend;
    facts->plugin_version = "1.0.0";
    core::ScanResult out;
    out.backend = std::move(facts);
    out.outcome = Outcome::completed;
    out.verdict = verdict;
    out.duration_ns = 412'000;
    return out;
}

core::BackendFacts& facts(core::ScanResult& result) {
    return const_cast<core::BackendFacts&>(*result.backend);   // the test made it, nobody else has it yet
}

core::Report report(const std::string& name, Verdict verdict, std::vector<core::ScanResult> rows) {
    core::Report out;
    out.artifact.name = name;
    out.artifact.size = 68;
    out.artifact.mime = "text/plain";
    out.artifact.sha256 =
        util::parse_sha256("275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f");
    out.results = std::move(rows);
    out.combined.verdict = out.combined.low_verdict = out.combined.high_verdict = verdict;
    out.combined.confidence = verdict == Verdict::unknown ? 0 : core::kCertain;
    out.duration_ns = 2'210'000;
    out.generation = 3;
    return out;
}

namespace {

core::ScanResult found(core::ScanResult out, const std::string& name, const std::string& name_space = "") {
    core::Detection detection;
    detection.name = name;
    detection.name_space = name_space;
    detection.verdict = out.verdict;
    out.detections.push_back(std::move(detection));
    return out;
}

core::ScanResult absent(const std::string& backend, Outcome outcome, Reason reason,
                        const std::string& message) {
    core::ScanResult out = row(backend, Verdict::unknown);
    out.outcome = outcome;
    out.reason = reason;
    out.message = message;
    return out;
}

core::Report eicar() {
    auto clamav = found(row("clamav", Verdict::malicious), "Eicar-Test-Signature");
    facts(clamav).signatures =
        core::SignatureFacts{.version = "27500", .date_unix = 1'736'156'455, .count = 8'700'000};
    auto eicar = found(row("eicar", Verdict::malicious), "Eicar-Test-Signature");
    eicar.detections[0].family = "EICAR";
    auto yara = found(row("yara", Verdict::malicious), "eicar", "default");
    facts(yara).signatures = core::SignatureFacts{.version = "sha256:9f2c", .date_unix = 0, .count = 1};
    yara.detections[0].tags = {"test"};
    yara.detections[0].length = 68;
    yara.detections[0].confidence = 9'500;
    yara.detections[0].detail = R"({"rule":"eicar","author":"\u00e9","depth":{"n":[1,2.50]}})";
    yara.confidence = 10'000;
    core::Report out = report("eicar.com", Verdict::malicious, {clamav, eicar, yara});
    out.combined.name = "Eicar-Test-Signature";
    out.combined.score = out.combined.low = out.combined.high = 1.0;
    out.combined.explanation =
        "3 of 3 backends found it malicious (clamav: Eicar-Test-Signature, eicar: Eicar-Test-Signature, "
        "yara: "
        "eicar); with \"any\" one is enough.";
    return out;
}

/// verdicts.md, example 1.
core::Report weighted_malicious() {
    auto clamav = found(row("clamav", Verdict::malicious), "Win.Trojan.Agent-1");
    facts(clamav).policy.weight = 20'000;
    auto yara = found(row("yara", Verdict::malicious), "agent", "default");
    yara.confidence = 8'000;
    core::Report out =
        report("dir/agent.exe", Verdict::malicious,
               {clamav, yara, row("vendor_x", Verdict::benign),
                absent("vendor_y", Outcome::timed_out, Reason::timeout, "no answer after 10 s")});
    core::Combined& combined = out.combined;
    combined.settings.strategy = core::Strategy::weighted;
    combined.confidence = 5'600;
    combined.name = "Win.Trojan.Agent-1";
    combined.score = 2.8 / 3.8;
    combined.low = 2.8 / 4.8;
    combined.high = 3.8 / 4.8;
    combined.contributions = {2 / 3.8, 0.8 / 3.8, 0, 0};
    combined.quorum_have = 1;
    combined.missing = {"vendor_y"};
    combined.flips = {{core::Flip::Kind::removed, "clamav", Verdict::unknown, Verdict::suspicious}};
    combined.explanation =
        "clamav and yara found it malicious: weighted score at least 0.58, above 0.50, "
        "whatever vendor_y (timed out) would have said.";
    return out;
}

/// verdicts.md, example 2.
core::Report unknown() {
    auto yara = found(row("yara", Verdict::malicious), "packed");
    yara.confidence = 6'000;
    auto clamav = row("clamav", Verdict::benign);
    facts(clamav).policy.weight = 20'000;
    auto urls = absent("url_list", Outcome::unsupported, Reason::type, "");
    core::Report out =
        report("x.bin", Verdict::unknown,
               {yara, clamav, absent("vendor_x", Outcome::crashed, Reason::signal, "SIGSEGV"), urls});
    core::Combined& combined = out.combined;
    combined.settings.strategy = core::Strategy::weighted;
    combined.settings.threshold = 5'001;   // half of it has five decimals
    combined.reason = core::UnknownBecause::missing_votes;
    combined.low_verdict = Verdict::benign;
    combined.high_verdict = Verdict::suspicious;
    combined.score = 0.6 / 2.6;
    combined.low = 0.6 / 3.6;
    combined.high = 1.6 / 3.6;
    combined.contributions = {0.6 / 2.6, 0, 0, 0};
    combined.quorum_have = 1;
    combined.missing = {"vendor_x"};
    combined.flips = {{core::Flip::Kind::removed, "clamav", Verdict::unknown, Verdict::suspicious},
                      {core::Flip::Kind::said, "vendor_x", Verdict::malicious, Verdict::suspicious},
                      {core::Flip::Kind::said, "vendor_x", Verdict::benign, Verdict::benign}};
    combined.explanation =
        "Unknown: yara found it malicious and clamav did not, but vendor_x crashed and could "
        "have changed the verdict.";
    return out;
}

core::Report incomplete() {
    auto yara = found(row("yara", Verdict::suspicious), "macro");
    facts(yara).policy.required = true;
    facts(yara).policy.default_confidence = 7'000;
    auto clamav = row("clamav", Verdict::unknown);
    clamav.partial = core::Partial::encrypted;
    core::Report out = report("offer.doc", Verdict::suspicious, {yara, clamav});
    out.combined.high_verdict = Verdict::malicious;
    out.combined.incomplete = true;
    out.combined.confidence = 7'000;
    out.combined.confidence_set = true;
    out.combined.name = "macro";
    out.combined.missing = {"clamav"};
    out.combined.explanation =
        "1 of 2 backends found it suspicious (yara: macro); clamav saw only part of it and "
        "could have made it malicious.";
    return out;
}

core::Report outvoted() {
    auto yara = found(row("yara", Verdict::malicious), "broad");
    auto noisy = found(row("noisy", Verdict::malicious), "everything");
    facts(noisy).policy.weight = 0;
    core::Report out =
        report("tool.exe", Verdict::benign,
               {yara, row("clamav", Verdict::benign), row("vendor_x", Verdict::benign), noisy});
    out.combined.settings.strategy = core::Strategy::majority;
    out.combined.settings.quorum = 2;
    out.combined.quorum_have = 2;
    out.combined.confidence = 6'667;
    out.combined.score = out.combined.low = out.combined.high = 1.0 / 3;
    out.combined.contributions = {1.0 / 3, 0, 0, 0};
    out.combined.explanation =
        "2 of 3 backends found nothing; only yara found it malicious, which is not a majority.";
    return out;
}

core::Report benign() {
    auto clamav = row("clamav", Verdict::benign);
    clamav.trusted = true;
    core::Report out = report("samples/plain.txt", Verdict::benign, {clamav, row("yara", Verdict::benign)});
    out.combined.explanation = "Both backends looked at all of it and found nothing.";
    out.combined.quorum_have = 2;
    return out;
}

core::Report unread() {
    core::Report out =
        report("secret.bin", Verdict::unknown, {absent("clamav", Outcome::skipped, Reason::no_artifact, "")});
    out.results[0].duration_ns = 0;
    out.artifact.sha256.reset();
    out.artifact.size = 0;
    out.artifact.mime.clear();
    out.error = "secret.bin: cannot open it: Permission denied";
    out.combined.reason = core::UnknownBecause::no_votes;
    out.combined.missing = {"clamav"};
    out.combined.explanation = "Unknown: no backend could be asked.";
    return out;
}

core::Report hostile_name() {
    auto yara = found(row("yara", Verdict::malicious), "evil\x1b[2J FOUND: (x)\n", "n\xC2\x9Bs");
    yara.message = "said \xE2\x80\xAEgpj";
    yara.detections[0].detail = "no object";
    yara.detections_cut = true;
    yara.bytes_scanned = 7;
    core::Report out = report("a\nb: OK \x1b]0;x\x07 \xFF", Verdict::malicious, {yara});
    out.combined.name = yara.detections[0].name;
    out.combined.decided_early = true;
    out.combined.explanation = "1 of 1 backend found it malicious; with \"any\" one is enough.";
    return out;
}

core::Report blocked_url() {
    core::Report out =
        report("https://evil.example/a b?q=\xC3\xA9", Verdict::malicious, {row("url_list", Verdict::benign)});
    out.artifact.type = core::ArtifactType::url;
    out.artifact.mime.clear();
    out.combined.decided_by =
        core::Override{.kind = core::Override::Kind::block_list, .place = "lists/block.sha256:12"};
    out.combined.without_override = Verdict::benign;
    out.combined.explanation = "Blocked by lists/block.sha256:12; 1 of 1 backend found nothing.";
    return out;
}

core::Report allowed() {
    auto yara = found(row("yara", Verdict::malicious), "broad");
    core::Report out = report("/opt/our tool/a.exe", Verdict::benign, {yara});
    out.combined.decided_by =
        core::Override{.kind = core::Override::Kind::allow_list, .place = "lists/allow.sha256:3"};
    out.combined.without_override = Verdict::malicious;
    out.combined.explanation = "Allowed by lists/allow.sha256:3; 1 of 1 backend found it malicious.";
    return out;
}

core::Report flooded() {
    auto yara = row("yara", Verdict::malicious);
    facts(yara).policy.veto = true;
    facts(yara).policy.group = "community";
    for (int i = 1; i <= 13; ++i) yara = found(std::move(yara), "rule_" + std::to_string(i), "set");
    yara.outcome = Outcome::timed_out;
    yara.reason = Reason::deadline;
    core::Report out = report("-", Verdict::malicious, {yara});
    out.combined.decided_by = core::Override{.kind = core::Override::Kind::veto, .place = "yara"};
    out.combined.name = "rule_1";
    out.combined.explanation = "yara found it malicious, and its veto decides.";
    return out;
}

}   // namespace

std::vector<Sample> all() {
    return {{"eicar", eicar()},
            {"weighted_malicious", weighted_malicious()},
            {"unknown", unknown()},
            {"incomplete", incomplete()},
            {"outvoted", outvoted()},
            {"benign", benign()},
            {"unread", unread()},
            {"hostile_name", hostile_name()},
            {"blocked_url", blocked_url()},
            {"allowed", allowed()},
            {"flooded", flooded()}};
}

core::Report named(const std::string& name) {
    const std::vector<Sample> samples = all();
    const auto found_it = std::ranges::find(samples, name, &Sample::name);
    return found_it == samples.end() ? core::Report{} : found_it->report;
}

TEST(Samples, HaveNamesOfTheirOwn) {
    std::set<std::string> names;
    for (const Sample& sample : all()) EXPECT_TRUE(names.insert(sample.name).second) << sample.name;
    EXPECT_EQ(named("eicar").artifact.name, "eicar.com");
}

}   // namespace microengine::report::samples
