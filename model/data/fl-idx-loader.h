/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_IDX_LOADER_H
#define FL_IDX_LOADER_H

#include "ns3/fl-dataset.h"

#include <cstdint>
#include <string>

namespace fl
{

/**
 * Loads labelled images in the IDX format of the MNIST files (LeCun, Cortes and Burges, "The MNIST
 * database of handwritten digits"): `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
 * `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each gzip compressed under its name with
 * `.gz`, or plain. Pixels are scaled from 0..255 to 0..1.
 *
 * @param folder where the four files are
 * @param classes number of classes; every label must be less
 * @param parameters hold those of ImageParameters()
 * @param remedy what the user can do about a fault, the end of the error message
 * @return the training and the test set
 * @throws UserError naming file, fault and remedy if a file is missing, cannot be read, is damaged,
 *         or does not belong to the others
 */
DatasetPair LoadIdxFolder(const std::string& folder,
                          uint32_t classes,
                          const Parameters& parameters,
                          const std::string& remedy);

} // namespace fl

#endif // FL_IDX_LOADER_H
