/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_PROPAGATION_CHAIN_H
#define WFL_PROPAGATION_CHAIN_H

#include "ns3/propagation-delay-model.h"
#include "ns3/propagation-loss-model.h"

#include <cstdint>
#include <string>

namespace ns3
{
namespace wfl
{

/**
 * Makes propagation loss models from their names, joined by `+`, each working on the power that the
 * one before it leaves: `ns3::LogDistancePropagationLossModel+ns3::wfl::LinkShadowing`. Their own
 * attributes are set with ns-3's `--ns3::Class::Attribute=value`, except for the frequency.
 * @param names the classes
 * @param where option and attribute, the beginning of the error message
 * @param carrierHz the carrier frequency, for those models that have one
 * @param firstStream the first of the random streams that the models may use
 * @return the first model, with the others behind it
 * @throws fl::UserError for a name that is no such model, or one that cannot work alone
 */
Ptr<PropagationLossModel> MakePropagationChain(const std::string& names,
                                               const std::string& where,
                                               double carrierHz,
                                               int64_t firstStream);

/**
 * Path loss over the logarithm of the distance, from 1 m on.
 * @param exponent the path loss exponent
 * @param referenceLossDb the loss at 1 m in dB
 * @return the model
 */
Ptr<PropagationLossModel> MakeLogDistance(double exponent, double referenceLossDb);

/**
 * @param name a propagation delay model's class
 * @param where option and attribute, the beginning of the error message
 * @param firstStream the first of the random streams that the model may use
 * @return the model
 * @throws fl::UserError for a name that is no such model
 */
Ptr<PropagationDelayModel> MakePropagationDelay(const std::string& name,
                                                const std::string& where,
                                                int64_t firstStream);

} // namespace wfl
} // namespace ns3

#endif // WFL_PROPAGATION_CHAIN_H
