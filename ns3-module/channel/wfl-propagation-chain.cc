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

/** Gives a model of 3GPP TR 38.901 the condition model whose name begins like its own. */
void
CompleteCondition(const Ptr<PropagationLossModel>& model, const std::string& where)
{
    const std::string attribute = "ChannelConditionModel";
    PointerValue condition;
    if (!model->GetAttributeFailSafe(attribute, condition) || condition.GetObject())
    {
        return;
    }
    const auto name = model->GetInstanceTypeId().GetName();
    const auto scenario = name.substr(0, name.rfind("PropagationLossModel"));
    TypeId tid;
    if (!TypeId::LookupByNameFailSafe(scenario + attribute, &tid))
    {
        throw fl::UserError(where + ": " + name + " needs --" + name + "::" + attribute +
                            "=CLASS, such as ns3::ThreeGppIndoorMixedOfficeChannelConditionModel");
    }
    model->SetAttribute(attribute, PointerValue(Make<ChannelConditionModel>(tid)));
}

} // namespace

Ptr<PropagationLossModel>
MakePropagationChain(const std::string& names, const std::string& where, int64_t firstStream)
{
    Ptr<PropagationLossModel> first;
    Ptr<PropagationLossModel> last;
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
        CompleteCondition(model, where);
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
    first->AssignStreams(firstStream);
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
MakePropagationDelay(const std::string& name, const std::string& where)
{
    return Make<PropagationDelayModel>(FindModel(name,
                                                 PropagationDelayModel::GetTypeId(),
                                                 where,
                                                 "ns3::ConstantSpeedPropagationDelayModel"));
}

} // namespace wfl
} // namespace ns3
