#!/usr/bin/env python3
# Copyright (c) 2026 The wfl authors
#
# SPDX-License-Identifier: GPL-2.0-only
"""Uploads and bits until methods of deterministic gradients reach the optimum.

For fl-upload-counts-test.cc. Each method is written down from its paper's equations in
NumPy, but for gradient descent in the sum form: minimise f_1 + ... + f_M over x, from
x = 0, with rate alpha. The argument is a JSON file: ``loss`` (squares, logistic),
``l2``, ``relative``, ``inputs`` (by worker, sample, feature), ``targets`` (by worker,
sample; logistic: -1 or 1); ``methods``, each with ``name``, ``rate`` and what the
functions below read. The answer, FILE.answer, holds ``optimum``, the mean loss there,
and for each method ``rounds``, ``uploads`` and ``bits`` until
f(x) - f(x*) <= relative (f(0) - f(x*)).
"""

import json
import math
import sys

import numpy

ROUNDS = 50000  # after so many it is given up


class Problem:
    """f_m(x) = mean over the samples of worker m of the loss, + l2 / 2 ||x||^2."""

    def __init__(self, question):
        self.inputs = numpy.array(question["inputs"], numpy.float64)
        self.targets = numpy.array(question["targets"], numpy.float64)
        self.logistic = question["loss"] == "logistic"
        self.l2 = question["l2"]
        self.workers, self.samples, self.dimension = self.inputs.shape
        self.optimum = self.loss(self.minimiser())

    def scores(self, x):
        return self.inputs @ x

    def loss(self, x):
        """Mean over the workers."""
        scores = self.scores(x)
        if self.logistic:
            losses = numpy.logaddexp(0, -self.targets * scores)
        else:
            losses = (scores - self.targets) ** 2 / 2
        return losses.mean() + self.l2 / 2 * x @ x

    def gradients(self, x):
        """A row a worker."""
        scores = self.scores(x)
        if self.logistic:
            slopes = -self.targets / (1 + numpy.exp(self.targets * scores))
        else:
            slopes = scores - self.targets
        means = numpy.einsum("ms,msi->mi", slopes, self.inputs) / self.samples
        return means + self.l2 * x

    def hessian(self, x):
        """Of the mean over the workers."""
        if self.logistic:
            p = 1 / (1 + numpy.exp(-self.scores(x)))
            weights = p * (1 - p)
        else:
            weights = numpy.ones_like(self.targets)
        product = numpy.einsum("ms,msi,msj->ij", weights, self.inputs, self.inputs)
        return product / self.targets.size + self.l2 * numpy.eye(self.dimension)

    def minimiser(self):
        """By Newton's method, with steps that go down."""
        x = numpy.zeros(self.dimension)
        for _ in range(100):
            step = numpy.linalg.solve(self.hessian(x), self.gradients(x).mean(axis=0))
            size = 1.0
            while self.loss(x - size * step) > self.loss(x) and size > 1e-10:
                size /= 2
            x = x - size * step
        return x

    def smoothness(self):
        """Of each worker's loss."""
        bound = 0.25 if self.logistic else 1.0
        return [
            bound * numpy.linalg.eigvalsh(own.T @ own)[-1] / self.samples + self.l2
            for own in self.inputs
        ]


def dense_bits(problem):
    """Bits of an upload of all coordinates."""
    return 64 * problem.dimension


def sparse_bits(places, problem):
    """Bits of single values: the shortest of Rice gaps, indices and a bitmap."""
    n, k = problem.dimension, len(places)
    phi = (math.sqrt(5) + 1) / 2
    p = 0
    if 0 < k < n:
        best = math.log2(math.log(phi - 1) / math.log(1 - k / n))
        p = min(31, max(0, 1 + math.floor(best)))
    gaps = numpy.diff(places, prepend=-1) - 1
    rice = 8 + sum(int(gap) // 2**p + 1 + p for gap in gaps)
    raw = k * math.ceil(math.log2(n))
    return min(rice, raw, n) + 32 * k


def gradient_descent(problem, method):
    """In the mean form: x <- x - alpha (mean of g_m)."""
    x = numpy.zeros(problem.dimension)
    while True:
        x = x - method["rate"] * problem.gradients(x).mean(axis=0)
        yield x, problem.workers, problem.workers * dense_bits(problem)


def lag(problem, method, wants):
    """The server steps along the sum of the gradients that it heard last."""
    rate, depth = method["rate"], method["depth"]
    x = numpy.zeros(problem.dimension)
    heard = numpy.zeros((problem.workers, problem.dimension))
    models = numpy.zeros_like(heard)
    changes = [0.0] * depth  # squared lengths of the last changes of x
    number = 0
    while True:
        threshold = method["xi"] * sum(changes) / (rate * problem.workers) ** 2
        gradients = problem.gradients(x)
        uploads = 0
        for m in range(problem.workers):
            # Before a first upload there is no old gradient to stand in.
            difference, change = gradients[m] - heard[m], x - models[m]
            if number == 0 or wants(m, difference, change) > threshold:
                heard[m], models[m] = gradients[m], x
                uploads += 1
        step = rate * heard.sum(axis=0)
        x = x - step
        changes = changes[1:] + [step @ step]
        number += 1
        yield x, uploads, uploads * dense_bits(problem)


def lag_wk(problem, method):
    """Arxiv 1805.09965: if ||g_m - last||^2 > xi sum of ||dx||^2 / (alpha M)^2."""

    def wants(m, difference, change):
        return difference @ difference

    return lag(problem, method, wants)


def lag_ps(problem, method):
    """The same, by the bound L_m^2 ||x - x_m||^2, which the server knows."""
    smoothness = problem.smoothness()

    def wants(m, difference, change):
        return smoothness[m] ** 2 * (change @ change)

    return lag(problem, method, wants)


def cgd(problem, method):
    """If ||g_m - last|| > (xi / alpha / M) ||the last change of x||."""
    x = numpy.zeros(problem.dimension)
    heard = numpy.zeros((problem.workers, problem.dimension))
    change = 0.0
    first = True
    while True:
        uploads = 0
        for m, gradient in enumerate(problem.gradients(x)):
            threshold = method["xi"] / method["rate"] / problem.workers * change
            if first or numpy.linalg.norm(gradient - heard[m]) > threshold:
                heard[m] = gradient
                uploads += 1
        first = False
        step = method["rate"] * heard.sum(axis=0)
        x = x - step
        change = numpy.linalg.norm(step)
        yield x, uploads, uploads * dense_bits(problem)


def nounif_iag(problem, method):
    """One worker a round, here in a given order; the others' old gradients stand."""
    x = numpy.zeros(problem.dimension)
    heard = numpy.zeros((problem.workers, problem.dimension))
    for m in method["asked"]:
        heard[m] = problem.gradients(x)[m]
        x = x - method["rate"] * heard.sum(axis=0)
        yield x, 1, dense_bits(problem)


def gd_sec(problem, method):
    """Arxiv 2202.02491: thresholds (xi M / alpha) / M |x_i - previous x_i|.

    Values travel in single precision; what rounding takes stays in e_m.
    """
    beta = method["beta"]
    x = numpy.zeros(problem.dimension)
    previous = x
    states = numpy.zeros((problem.workers, problem.dimension))  # h_m
    errors = numpy.zeros_like(states)  # e_m
    total = numpy.zeros(problem.dimension)  # H
    while True:
        wanted = problem.gradients(x) - states + errors
        sent = numpy.where(
            abs(wanted) > method["xi"] / method["rate"] * abs(x - previous), wanted, 0
        )
        sent = sent.astype(numpy.float32).astype(numpy.float64)
        states = states + beta * sent
        errors = wanted - sent
        previous = x
        x = x - method["rate"] * (total + sent.sum(axis=0))
        total = total + beta * sent.sum(axis=0)
        places = [numpy.flatnonzero(row) for row in sent]
        bits = sum(sparse_bits(own, problem) for own in places if len(own))
        yield x, sum(len(own) > 0 for own in places), bits


METHODS = {
    "gd": gradient_descent,
    "lag-wk": lag_wk,
    "lag-ps": lag_ps,
    "cgd": cgd,
    "nounif-iag": nounif_iag,
    "gd-sec": gd_sec,
}


def count(problem, method, relative):
    """Run a method to the target; give what it took."""
    target = problem.optimum + relative * (
        problem.loss(numpy.zeros(problem.dimension)) - problem.optimum
    )
    taken = {"rounds": 0, "uploads": 0, "bits": 0}
    for x, uploads, bits in METHODS[method["name"]](problem, method):
        taken["rounds"] += 1
        taken["uploads"] += uploads
        taken["bits"] += bits
        if problem.loss(x) <= target:
            return taken
        assert taken["rounds"] < ROUNDS, "never got there"
    raise AssertionError("the order of asking is too short")


def main():
    """Read one question and write its answer."""
    with open(sys.argv[1], encoding="utf-8") as file:
        question = json.load(file)
    problem = Problem(question)
    answer = {
        "optimum": problem.optimum,
        "methods": [
            count(problem, method, question["relative"])
            for method in question["methods"]
        ],
    }
    with open(sys.argv[1] + ".answer", "w", encoding="utf-8") as file:
        json.dump(answer, file)


if __name__ == "__main__":
    main()
