/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-config-file.h"

#include "ns3/fl-error.h"
#include "ns3/fl-replay-federation.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace ns3
{
namespace wfl
{

namespace
{

using Json = nlohmann::ordered_json;

Json
ToJson(const fl::FederationShape& shape)
{
    const auto& traits = shape.traits;
    Json json;
    json["workers"] = shape.workers;
    json["dimension"] = shape.dimension;
    json["scalar_bytes"] = shape.scalarBytes;
    json["gradient_flops_per_sample"] = shape.gradientFlopsPerSample;
    json["samples"] = shape.samples;
    json["broadcasts_updates"] = traits.broadcast == fl::BroadcastKind::UPDATE;
    json["broadcasts_to_all"] = traits.audience == fl::Audience::LIVE;
    json["committed"] = traits.committed;
    json["sum_suffices"] = traits.sumSuffices;
    json["synchronous_only"] = traits.synchronousOnly;
    json["shared_companions"] = traits.companions.shared;
    json["smoothness"] = shape.smoothness;
    return json;
}

fl::FederationShape
ShapeOf(const Json& json)
{
    fl::FederationShape shape;
    shape.workers = json.at("workers");
    shape.dimension = json.at("dimension");
    shape.scalarBytes = json.at("scalar_bytes");
    shape.gradientFlopsPerSample = json.at("gradient_flops_per_sample");
    shape.samples = json.at("samples").get<std::vector<uint64_t>>();
    auto& traits = shape.traits;
    traits.broadcast = json.at("broadcasts_updates").get<bool>() ? fl::BroadcastKind::UPDATE
                                                                 : fl::BroadcastKind::MODEL;
    traits.audience =
        json.at("broadcasts_to_all").get<bool>() ? fl::Audience::LIVE : fl::Audience::ASKED;
    traits.committed = json.at("committed");
    traits.sumSuffices = json.at("sum_suffices");
    traits.synchronousOnly = json.at("synchronous_only");
    traits.companions.shared = json.at("shared_companions");
    shape.smoothness = json.at("smoothness").get<std::vector<double>>();
    traits.needsSmoothness = !shape.smoothness.empty();
    return shape;
}

} // namespace

void
WriteConfig(const std::string& path,
            const Options& options,
            const std::map<std::string, std::string>& texts,
            const fl::Federation& federation,
            const FederationHelper& helper,
            const fl::RunSeed& runSeed,
            uint32_t rounds,
            uint32_t evalEvery)
{
    Json config;
    if (!options.Text("label").empty())
    {
        config["label"] = options.Text("label");
    }
    config["options"] = texts;
    config["ns3_arguments"] = options.ForNs3();
    config["rng_seed"] = runSeed.seed;
    config["rng_run"] = runSeed.run;
    config["rounds"] = rounds;
    config["eval_every"] = evalEvery;
    config["upload_segment_bytes"] = helper.MaxSegmentBytes(Direction::UP);
    config["download_segment_bytes"] = helper.MaxSegmentBytes(Direction::DOWN);
    config["federation"] = ToJson(federation.Shape());
    config["versions"]["wfl"] = WFL_VERSION;
    config["versions"]["ns3"] = WFL_NS3_VERSION;
    config["versions"]["compiler"] = __VERSION__;
    config["simd"] = "baseline";
    std::ofstream file(path);
    file << config.dump(2) << '\n';
    if (!file.flush())
    {
        throw fl::UserError("--output: " + path + " cannot be written");
    }
}

RecordedRun::RecordedRun(const std::string& folder)
{
    const auto path = folder + "/config.json";
    std::ifstream file(path);
    try
    {
        const auto config = Json::parse(file);
        options = config.at("options").get<std::map<std::string, std::string>>();
        shape = ShapeOf(config.at("federation"));
        evalEvery = config.at("eval_every");
        uploadSegmentBytes = config.at("upload_segment_bytes");
        downloadSegmentBytes = config.at("download_segment_bytes");
    }
    catch (const nlohmann::json::exception&)
    {
        throw fl::UserError("--replay: " + path +
                            " is missing or damaged; give the results folder of a finished run");
    }
    std::ifstream log(folder + "/events.log");
    if (!log)
    {
        throw fl::UserError("--replay: " + folder + "/events.log cannot be read");
    }
    events = fl::ReadEventLog(log);
    const auto count = [this](const std::string& kind, const std::string& field)
    {
        return static_cast<uint32_t>(std::count_if(
            events.begin(),
            events.end(),
            [&](const auto& event)
            { return event.kind == kind && (field.empty() || event.Text(field) == "0"); }));
    };
    const uint32_t closed = count("close", "another");
    const uint32_t evaluated = count("evaluate", "");
    // The last round of a replay is evaluated, so one that was cut off ends with the last round
    // whose evaluation was recorded.
    const bool whole = evaluated == (closed + evalEvery - 1) / evalEvery;
    rounds = whole ? closed : std::min(closed, evaluated * evalEvery);
    if (rounds == 0)
    {
        throw fl::UserError("--replay: " + folder + "/events.log holds no complete round");
    }
}

std::string
RecordedRun::Option(const std::string& name) const
{
    const auto found = options.find(name);
    return found == options.end() ? "" : found->second;
}

std::unique_ptr<fl::Federation>
RecordedRun::MakeFederation() const
{
    return fl::MakeReplayFederation(shape, events);
}

} // namespace wfl
} // namespace ns3
