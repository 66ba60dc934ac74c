/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/wfl-propagation-chain.h"

#include "ns3/channel-condition-model.h"
#include "ns3/double.h"
#include "ns3/fl-error.h"
#include "ns3/object-factory.h"
#include "ns3/pointer.h"
#include "ns3/wfl-model-name.h"

#include <sstream>
#include <vector>

namespace ns3
{
namespace wfl
{

namespace
{

/** @return an object of a class */
template <typename T>
Ptr<T>
Make(TypeId tid)
{
    ObjectFactory factory;
    factory.SetTypeId(tid);
    return factory.Create<T>();
}

} // namespace

Ptr<PropagationLossModel>
MakePropagationChain(const std::string& names,
                     const std::string& where,
                     double carrierHz,
                     int64_t firstStream)
{
    Ptr<PropagationLossModel> first;
    Ptr<PropagationLossModel> last;
    std::vector<Ptr<ChannelConditionModel>> conditions;
    std::istringstream stream(names + "+");
    for (std::string name; std::getline(stream, name, '+');)
    {
        const auto tid = FindModel(name,
                                   PropagationLossModel::GetTypeId(),
                                   where,
                                   "ns3::LogDistancePropagationLossModel, "
                                   "ns3::FriisPropagationLossModel; several are joined by +");
        if (tid.GetGroupName() == "Buildings")
        {
            throw fl::UserError(where + ": " + name + " needs buildings, which this channel lacks");
        }
        const auto model = Make<PropagationLossModel>(tid);
        model->SetAttributeFailSafe("Frequency", DoubleValue(carrierHz));
        model->SetAttributeFailSafe("FrequencyHz", DoubleValue(carrierHz));
        PointerValue condition;
        if (model->GetAttributeFailSafe("ChannelConditionModel", condition))
        {
            conditions.push_back(condition.Get<ChannelConditionModel>());
        }
        if (last)
        {
            last->SetNext(model);
        }
        else
        {
            first = model;
        }
        last = model;
    }
    int64_t next = firstStream + first->AssignStreams(firstStream);
    // A model of 3GPP does not pass streams on to what decides about lines of sight.
    for (const auto& condition : conditions)
    {
        next += condition->AssignStreams(next);
    }
    return first;
}

Ptr<PropagationLossModel>
MakeLogDistance(double exponent, double referenceLossDb)
{
    return CreateObjectWithAttributes<LogDistancePropagationLossModel>(
        "Exponent",
        DoubleValue(exponent),
        "ReferenceLoss",
        DoubleValue(referenceLossDb));
}

Ptr<PropagationDelayModel>
MakePropagationDelay(const std::string& name, const std::string& where, int64_t firstStream)
{
    const auto model =
        Make<PropagationDelayModel>(FindModel(name,
                                              PropagationDelayModel::GetTypeId(),
                                              where,
                                              "ns3::ConstantSpeedPropagationDelayModel"));
    model->AssignStreams(firstStream);
    return model;
}

} // namespace wfl
} // namespace ns3
