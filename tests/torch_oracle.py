#!/usr/bin/env python3
# Copyright (c) 2026 The wfl authors
#
# SPDX-License-Identifier: GPL-2.0-only
"""Loss and gradient of a model by PyTorch, for fl-torch-test.cc.

Each argument is a file. It begins with six lines: the scalar type; the number of samples; the shape
of a sample; the layers (convolution CHANNELS, pool, relu, dense OUTPUTS, and linear OUTPUTS, which
is dense without bias); the loss; L1 and L2. Behind these stand, in the byte order of the host, the
model (scalar type, weight and bias of each layer), the inputs (float32) and the targets (float64).
The answer, FILE.answer, is the loss (float64) and the gradient (scalar type).
"""

import sys

import numpy
import torch
from torch.nn import functional

KERNEL = 5

LOSSES = {
    "classes": lambda scores, targets: functional.cross_entropy(scores, targets.long()),
    "squares": lambda scores, targets: ((scores[:, 0] - targets) ** 2).mean() / 2,
    "signed-squares": lambda scores, targets: ((scores[:, 0] - 2 * targets + 1) ** 2).mean() / 2,
    "sigmoid-squares": lambda scores, targets: (
        ((torch.sigmoid(scores[:, 0]) - targets) ** 2).mean() / 2
    ),
    "logistic": lambda scores, targets: functional.binary_cross_entropy_with_logits(
        scores[:, 0], targets
    ),
}


def answer(path):
    """Read one question and write its answer."""
    with open(path, "rb") as file:
        lines = [file.readline().decode().strip() for _ in range(6)]
        scalar = numpy.dtype(lines[0])
        samples = int(lines[1])
        shape = [int(length) for length in lines[2].split()]
        words = iter(lines[3].split())
        l1, l2 = (float(factor) for factor in lines[5].split())
        data = file.read()
    # The layers tell how long the model is, so the inputs are taken from the end.
    targets = numpy.frombuffer(data[-8 * samples :], numpy.float64)
    count = samples * int(numpy.prod(shape))
    inputs = numpy.frombuffer(data[-8 * samples - 4 * count : -8 * samples], numpy.float32)
    model = numpy.frombuffer(data[: -8 * samples - 4 * count], scalar)
    targets = torch.from_numpy(targets.astype(scalar))
    values = torch.from_numpy(inputs.astype(scalar).reshape([samples] + shape))

    parameters = []
    weights = []

    def take(*sizes):
        nonlocal model
        size = int(numpy.prod(sizes))
        parameters.append(torch.tensor(model[:size].reshape(sizes), requires_grad=True))
        model = model[size:]
        return parameters[-1]

    for word in words:
        if word == "relu":
            values = torch.relu(values)
        elif word == "pool":
            values = functional.max_pool2d(values, 2)
        elif word == "convolution":
            outputs = int(next(words))
            weights.append(take(outputs, values.shape[1], KERNEL, KERNEL))
            values = functional.conv2d(values, weights[-1], take(outputs))
        else:
            outputs = int(next(words))
            values = values.reshape(samples, -1)
            weights.append(take(outputs, values.shape[1]))
            bias = take(outputs) if word == "dense" else None
            values = functional.linear(values, weights[-1], bias)
    assert model.size == 0, "the model has other layers"
    loss = LOSSES[lines[4]](values, targets)
    loss = loss + sum(l1 * w.abs().sum() + l2 / 2 * (w**2).sum() for w in weights)
    loss.backward()

    with open(path + ".answer", "wb") as file:
        numpy.array([loss.item()], numpy.float64).tofile(file)
        for parameter in parameters:
            parameter.grad.numpy().tofile(file)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:]:
        answer(name)
