/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_IMAGE_TRANSFORMS_H
#define FL_IMAGE_TRANSFORMS_H

#include "ns3/fl-dataset.h"
#include "ns3/fl-parameters.h"

namespace fl
{

/**
 * @param table parameters of a dataset of images
 * @return these, then the parameters that TransformImages() reads: Labels, which classes are kept,
 *         and Normalise, how pixels are shifted and scaled
 */
ParameterTable ImageParameters(ParameterTable table);

/**
 * Keeps the samples of the chosen classes, which become classes 0, 1, ... in the order in which the
 * user names them; then shifts and scales the pixels of each channel so that a mean becomes 0 and a
 * deviation 1. These are measured on the training set that is kept (`train`), or those of ImageNet,
 * which many programs use for all colour images (`imagenet`).
 *
 * @param parameters hold those of ImageParameters()
 * @param train the training set, pixels from 0 to 1, changed in place
 * @param test the test set, changed in the same way
 * @throws UserError for classes that do not exist, and where `imagenet` meets grey images
 */
void TransformImages(const Parameters& parameters, Dataset& train, Dataset& test);

} // namespace fl

#endif // FL_IMAGE_TRANSFORMS_H
