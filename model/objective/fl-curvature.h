/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_CURVATURE_H
#define FL_CURVATURE_H

#include "ns3/fl-dataset.h"

#include <vector>

namespace fl
{

/**
 * A bound of the Hessian of losses that see a sample x through its scores w.x + b alone: the mean
 * over the samples of Score x x^T, where x has a 1 for the bias behind its features, plus L2 on the
 * diagonal except for the bias.
 */
struct CurvatureBound
{
    double score; ///< bound of the loss's second derivative in the score
    bool bias;    ///< whether there is a bias
    double l2;    ///< factor of half the squared weights
};

/**
 * The largest eigenvalue of the bound, by Lanczos iteration with full reorthogonalisation from a
 * fixed start. It ends when the residual is at most 1e-10 of the value, or the space is exhausted,
 * as a rule within some dozen products with the data; at the latest after 200, where the error is
 * below one percent (Kuczynski and Wozniakowski, "Estimating the largest eigenvalue by the power
 * and Lanczos algorithms with a random start", SIAM J. Matrix Anal. Appl. 13, 1992).
 *
 * @param batch at least one sample
 * @param bound the bound
 * @return its largest eigenvalue, never more than exact but for rounding
 */
double LargestCurvature(const Batch& batch, const CurvatureBound& bound);

/**
 * @param batch at least one sample
 * @param bound the bound
 * @return its diagonal: a number for each feature, then one for the bias if there is one
 */
std::vector<double> CoordinateCurvatures(const Batch& batch, const CurvatureBound& bound);

} // namespace fl

#endif // FL_CURVATURE_H
