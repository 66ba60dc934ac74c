/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-part-list.h"

#include "ns3/attribute.h"
#include "ns3/fl-adversary.h"
#include "ns3/fl-algorithm.h"
#include "ns3/fl-learning-rate.h"
#include "ns3/fl-mode.h"
#include "ns3/fl-objective.h"
#include "ns3/fl-partition.h"
#include "ns3/fl-registry.h"
#include "ns3/wfl-part-conformance.h"
#include "ns3/wfl-registry.h"

#include <map>
#include <ostream>
#include <type_traits>

namespace ns3
{
namespace wfl
{

namespace
{

/** Prints the parts of one of the learning side's registries. */
template <typename Factory>
void
PrintRegistry(std::ostream& stream)
{
    for (const auto& [name, entry] : fl::Registry<Factory>::Get().Entries())
    {
        stream << name << ": " << entry.help << '\n';
        if constexpr (std::is_same_v<Factory, fl::AlgorithmFactory>)
        {
            stream << "    wire: " << entry.factory.wire << '\n'
                   << "    learning rate: " << entry.factory.defaultLearningRate << '\n';
        }
        for (const auto& parameter : entry.parameters)
        {
            stream << "    " << parameter.name << " = " << parameter.defaultValue
                   << (parameter.unit.empty() ? "" : " " + parameter.unit) << "  ("
                   << parameter.Range() << ") " << parameter.help << '\n';
        }
    }
}

/** Prints the classes of one of the radio side's registries with their own attributes. */
void
PrintTypes(const std::string& kind, std::ostream& stream)
{
    for (const auto& [name, entry] : TypeRegistry::Get(kind).Entries())
    {
        stream << name << ": " << entry.tid.GetName() << '\n';
        for (TypeId tid = entry.tid; tid.HasParent(); tid = tid.GetParent())
        {
            for (std::size_t i = 0; i < tid.GetAttributeN(); ++i)
            {
                const auto info = tid.GetAttribute(i);
                const auto preset = entry.presets.find(info.name);
                stream << "    " << info.name << " = "
                       << (preset == entry.presets.end()
                               ? info.initialValue->SerializeToString(info.checker)
                               : preset->second)
                       << "  " << info.help << '\n';
            }
        }
    }
}

} // namespace

bool
PrintParts(const std::string& option, std::ostream& stream)
{
    static const std::map<std::string, std::string> words{
        {"downlink",
         "broadcast: one transmission for all workers where the channel can\n"
         "unicast: one transmission for each worker\n"},
        {"resync",
         "always: a worker that missed an update gets it, or a model, before the next\n"
         "every-N: only in rounds whose number is a multiple of N\n"
         "never: its model drifts\n"},
        {"late",
         "abort: a newer round makes a worker drop what it computes\n"
         "finish: it finishes and uploads that first\n"},
        {"precision", "float: 32 bit\ndouble: 64 bit\n"}};
    const auto found = words.find(option);
    if (found != words.end())
    {
        stream << found->second;
    }
    else if (option == "algorithm")
    {
        PrintRegistry<fl::AlgorithmFactory>(stream);
    }
    else if (option == "objective")
    {
        PrintRegistry<fl::ObjectiveFactory>(stream);
    }
    else if (option == "dataset")
    {
        PrintRegistry<fl::DatasetFactory>(stream);
    }
    else if (option == "partition")
    {
        PrintRegistry<fl::PartitionFactory>(stream);
    }
    else if (option == "schedule")
    {
        PrintRegistry<fl::RateScheduleFactory>(stream);
    }
    else if (option == "byzantine")
    {
        stream << "none: all workers are honest\n";
        PrintRegistry<fl::AdversaryFactory>(stream);
    }
    else if (option == "mode")
    {
        PrintRegistry<fl::ModeFactory>(stream);
    }
    else if (option == "late-uploads")
    {
        PrintRegistry<fl::LateUploadsFactory>(stream);
    }
    else if (option == "channel" || option == "mobility" || option == "transport" ||
             option == "compute" || option == "energy" || option == "availability" ||
             option == "selection")
    {
        PrintTypes(option, stream);
    }
    else if (option == "ap-energy")
    {
        PrintTypes("energy", stream);
    }
    else if (option == "battery")
    {
        stream << "none: the mains\n";
        PrintTypes(option, stream);
        stream << "or the full name of another energy source of ns-3\n";
    }
    else if (option == "harvest")
    {
        stream << "none: batteries are not charged\n";
        PrintTypes(option, stream);
    }
    else if (option == "loss")
    {
        stream << "none: nothing is lost on top of the channel\n";
        PrintTypes(option, stream);
    }
    else if (option == "check")
    {
        for (const auto& check : ChannelChecks())
        {
            stream << "channel, " << check.name << ": " << check.help << '\n';
        }
        for (const auto& [kind, checks] : PartChecks())
        {
            for (const auto& check : checks)
            {
                stream << kind << ", " << check.name << ": " << check.help << '\n';
            }
        }
    }
    else
    {
        return false;
    }
    return true;
}

} // namespace wfl
} // namespace ns3
