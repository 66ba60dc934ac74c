#!/usr/bin/env python3
# Copyright (c) 2026 The wfl authors
#
# SPDX-License-Identifier: GPL-2.0-only
"""Loss and gradient of a fully connected classifier by PyTorch, for fl-objective-test.cc.

Each argument is a binary file in the byte order of the host: bytes per scalar, samples and number
of layer widths (uint32), the widths from features to classes (uint32), L2 (float64), and in the
scalar type the model (weight matrix and bias of each layer) and the inputs, then the labels
(uint32). The answer, FILE.answer, is the loss (float64) and the gradient (scalar type).
"""

import sys

import numpy
import torch


def answer(path):
    """Read one question and write its answer."""
    with open(path, "rb") as file:

        def read(kind, count):
            return numpy.fromfile(file, kind, count)

        scalar_bytes, samples, depth = (int(n) for n in read(numpy.uint32, 3))
        scalar = {4: numpy.float32, 8: numpy.float64}[scalar_bytes]
        widths = [int(width) for width in read(numpy.uint32, depth)]
        l2 = float(read(numpy.float64, 1)[0])
        layers = []
        for inputs, outputs in zip(widths, widths[1:]):
            weight = torch.from_numpy(read(scalar, inputs * outputs).reshape(outputs, inputs))
            bias = torch.from_numpy(read(scalar, outputs))
            layers.append((weight.requires_grad_(), bias.requires_grad_()))
        values = torch.from_numpy(read(scalar, samples * widths[0]).reshape(samples, widths[0]))
        labels = torch.from_numpy(read(numpy.uint32, samples).astype(numpy.int64))

    for number, (weight, bias) in enumerate(layers):
        values = torch.nn.functional.linear(values, weight, bias)
        if number + 1 < len(layers):
            values = torch.relu(values)
    loss = torch.nn.functional.cross_entropy(values, labels)
    loss = loss + l2 / 2 * sum((weight**2).sum() for weight, _ in layers)
    loss.backward()

    with open(path + ".answer", "wb") as file:
        numpy.array([loss.item()], numpy.float64).tofile(file)
        for weight, bias in layers:
            weight.grad.numpy().tofile(file)
            bias.grad.numpy().tofile(file)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:]:
        answer(name)
