/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_LEARNING_FEDERATION_H
#define FL_LEARNING_FEDERATION_H

#include "ns3/fl-federation.h"
#include "ns3/fl-late-uploads.h"
#include "ns3/fl-partition.h"
#include "ns3/fl-pool.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fl
{

/** When a worker that missed updates is brought up to date. */
struct ResyncPolicy
{
    /** every how many rounds: 1 = always, 0 = never */
    uint32_t everyRounds{1};

    /**
     * @param text `always`, `every-N` or `never`
     * @return the policy
     * @throws UserError for anything else
     */
    static ResyncPolicy Parse(const std::string& text);
};

/** What a learning federation is made of. */
struct LearningSetup
{
    std::string algorithm{"sgd"};        ///< `name[Key=value|...]`
    std::string objective{"softmax"};    ///< `name[Key=value|...]`
    DatasetPair data;                    ///< training and test set
    Partition partition;                 ///< by worker, indices into the training set
    uint32_t batch{64};                  ///< samples of a mini-batch, 0 for all of a worker
    uint32_t localSteps{1};              ///< local steps a round
    double learningRate{0};              ///< step size; 0 for the algorithm's default
    std::string schedule{"constant"};    ///< how it changes: `name[Key=value|...]`
    std::string byzantine{"none"};       ///< who lies: `none` or `name[Key=value|...]`
    RunSeed runSeed;                     ///< drives all draws
    ResyncPolicy resync;                 ///< when workers that are behind catch up
    std::vector<uint8_t> initialModel;   ///< as ModelBytes(); empty for the objective's own
    uint32_t uploadSegmentBytes{1456};   ///< longest body of a segment on the way up
    uint32_t downloadSegmentBytes{1456}; ///< longest body of a segment on the way down
    bool findImportant{false};           ///< whether messages say which segments leave first
    LateUploads late;                    ///< what uploads for older models are worth
    std::string lateOption;              ///< which option says so, for messages
    uint32_t buffer{0};                  ///< see Mode::buffer
    bool evaluateObjective{false};       ///< whether Evaluation::trainObjective is wanted
    bool measureUpdates{false};          ///< whether Upload::updateNorm is needed
};

/**
 * Makes a federation that really learns.
 * @tparam S the scalar, float or double
 * @param setup what it is made of
 * @param pool where gradients and evaluations are computed; must outlive the federation
 * @return the federation
 * @throws UserError if the setup names something unknown or does not fit together
 */
template <typename S>
std::unique_ptr<Federation> MakeLearningFederation(LearningSetup setup, Pool& pool);

} // namespace fl

#endif // FL_LEARNING_FEDERATION_H
