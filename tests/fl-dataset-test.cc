/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-dataset.h"

#include "fl-folder-test-helpers.h"
#include "ns3/fl-error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <gtest/gtest.h>

namespace fl
{

namespace
{

using test::Gzip;

const RunSeed g_runSeed{};

/** @return an IDX file: zero, zero, type 8 (unsigned byte), dimensions, lengths, data */
std::string
Idx(const std::vector<uint32_t>& lengths, const std::string& data)
{
    std::string file{0, 0, 8, static_cast<char>(lengths.size())};
    for (const uint32_t length : lengths)
    {
        for (const int shift : {24, 16, 8, 0})
        {
            file += static_cast<char>(length >> shift);
        }
    }
    return file + data;
}

/** A folder with four small sound IDX files: 4 training and 2 test images of 2 x 3 pixels. */
class FlIdxLoader : public test::FolderTest
{
  protected:
    void SetUp() override
    {
        Write("train-images-idx3-ubyte", Idx({4, 2, 3}, Pixels(24)));
        Write("train-labels-idx1-ubyte", Idx({4}, {3, 0, 9, 1}));
        Write("t10k-images-idx3-ubyte", Idx({2, 2, 3}, Pixels(12)));
        Write("t10k-labels-idx1-ubyte", Idx({2}, {5, 5}));
    }

    /** @return pixels 0, 10, 20, ... */
    static std::string Pixels(int count)
    {
        std::string pixels;
        for (int i = 0; i < count; ++i)
        {
            pixels += static_cast<char>(10 * i);
        }
        return pixels;
    }

    DatasetPair Load(const std::string& more = "") const
    {
        return MakeDataset("idx[Folder=" + m_folder.string() + more + "]", g_runSeed);
    }

    /** Checks that loading fails in one line with file (or folder), fault and remedy. */
    void ExpectRefusal(const std::string& name, const std::string& fault) const
    {
        try
        {
            Load();
            ADD_FAILURE() << "accepted";
        }
        catch (const UserError& error)
        {
            const std::string message = error.what();
            EXPECT_EQ(message.rfind("--dataset: ", 0), 0U) << message;
            const auto path = name.empty() ? m_folder : m_folder / name;
            EXPECT_NE(message.find(path.string()), std::string::npos) << message;
            EXPECT_NE(message.find(fault), std::string::npos) << message;
            EXPECT_NE(message.find("idx[Folder=...|Classes=...]"), std::string::npos) << message;
            EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        }
    }
};

} // namespace

TEST_F(FlIdxLoader, PlainFiles)
{
    const auto [train, test] = Load();
    EXPECT_EQ(train->Size(), 4U);
    EXPECT_EQ(train->features, 6U);
    EXPECT_EQ(train->classes, 10U);
    EXPECT_EQ(train->image.channels, 1U);
    EXPECT_EQ(train->image.height, 2U);
    EXPECT_EQ(train->image.width, 3U);
    EXPECT_EQ(train->labels, (std::vector<uint32_t>{3, 0, 9, 1}));
    ASSERT_EQ(train->inputs.size(), 24U);
    for (int i = 0; i < 24; ++i)
    {
        EXPECT_EQ(train->inputs[i], static_cast<float>(10 * i) / 255.0F);
    }
    EXPECT_EQ(train->Input(2)[1], 130.0F / 255.0F);
    EXPECT_EQ(test->Size(), 2U);
}

TEST_F(FlIdxLoader, PackedFilesComeFirst)
{
    Write("train-labels-idx1-ubyte.gz", Gzip(Idx({4}, {1, 2, 3, 4})));
    EXPECT_EQ(Load().train->labels, (std::vector<uint32_t>{1, 2, 3, 4}));
}

TEST_F(FlIdxLoader, UnpackedFileThatKeptItsName)
{
    Write("train-labels-idx1-ubyte.gz", Idx({4}, {1, 2, 3, 4}));
    EXPECT_EQ(Load().train->labels, (std::vector<uint32_t>{1, 2, 3, 4}));
}

TEST_F(FlIdxLoader, NumberOfClasses)
{
    Write("train-labels-idx1-ubyte", Idx({4}, {3, 0, 46, 1}));
    ExpectRefusal("train-labels-idx1-ubyte", "holds the label 46, labels go from 0 to 9");
    EXPECT_EQ(Load("|Classes=47").train->classes, 47U);
}

TEST_F(FlIdxLoader, MissingFiles)
{
    for (const std::string name : {"t10k-labels-idx1-ubyte",
                                   "t10k-images-idx3-ubyte",
                                   "train-labels-idx1-ubyte",
                                   "train-images-idx3-ubyte"})
    {
        std::filesystem::remove(m_folder / name);
        ExpectRefusal(name, "is missing");
    }
}

TEST_F(FlIdxLoader, FolderInPlaceOfFile)
{
    std::filesystem::create_directory(m_folder / "train-images-idx3-ubyte.gz");
    ExpectRefusal("train-images-idx3-ubyte.gz", "cannot be read");
}

TEST_F(FlIdxLoader, TruncatedPlainFile)
{
    Write("train-images-idx3-ubyte", Idx({4, 2, 3}, Pixels(23)));
    ExpectRefusal("train-images-idx3-ubyte", "holds 23 bytes of data, its header declares 4 x 6");
}

TEST_F(FlIdxLoader, TooLongFile)
{
    Write("train-images-idx3-ubyte", Idx({4, 2, 3}, Pixels(25)));
    ExpectRefusal("train-images-idx3-ubyte", "holds 25 bytes of data, its header declares 4 x 6");
}

TEST_F(FlIdxLoader, HeaderOnlyInPart)
{
    for (const std::string& content : {std::string(), Idx({4, 2}, "")})
    {
        Write("train-images-idx3-ubyte", content);
        ExpectRefusal("train-images-idx3-ubyte", "is too short for an IDX header");
    }
}

/** A packed file that is cut anywhere is refused. */
TEST_F(FlIdxLoader, EveryCutOfAPackedFile)
{
    const std::string sound = Gzip(Idx({4, 2, 3}, Pixels(24)));
    const std::string name = "train-images-idx3-ubyte.gz";
    for (std::size_t length = 0; length < sound.size(); ++length)
    {
        SCOPED_TRACE(length);
        Write(name, sound.substr(0, length));
        ExpectRefusal(name, "");
    }
}

/** A damaged byte anywhere in a packed file is refused, or it is unused and changes nothing. */
TEST_F(FlIdxLoader, EveryDamageToAPackedFile)
{
    const std::string sound = Gzip(Idx({4, 2, 3}, Pixels(24)));
    const auto expected = Load().train->inputs;
    std::size_t refused = 0;
    for (std::size_t i = 0; i < sound.size(); ++i)
    {
        SCOPED_TRACE(i);
        std::string damaged = sound;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        Write("train-images-idx3-ubyte.gz", damaged);
        try
        {
            EXPECT_EQ(Load().train->inputs, expected);
        }
        catch (const UserError&)
        {
            ++refused;
        }
    }
    EXPECT_GT(refused, sound.size() / 2);
}

TEST_F(FlIdxLoader, DamagedPackedFileIsCalledSo)
{
    std::string damaged = Gzip(Idx({4, 2, 3}, Pixels(24)));
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x10);
    Write("train-images-idx3-ubyte.gz", damaged);
    ExpectRefusal("train-images-idx3-ubyte.gz", "cannot be read to its end");
}

TEST_F(FlIdxLoader, WrongMagic)
{
    Write("train-images-idx3-ubyte", Idx({24}, Pixels(24)));
    ExpectRefusal("train-images-idx3-ubyte", "begins with the magic number 2049 instead of 2051");
    Write("train-images-idx3-ubyte", "<html>not what you expected</html>");
    ExpectRefusal("train-images-idx3-ubyte", "begins with the magic number");
}

TEST_F(FlIdxLoader, ImagesAndLabelsDisagree)
{
    Write("train-labels-idx1-ubyte", Idx({3}, {3, 0, 9}));
    ExpectRefusal("train-labels-idx1-ubyte", "holds 3 labels for 4 images");
}

TEST_F(FlIdxLoader, NoSamplesOrEmptyImages)
{
    Write("train-images-idx3-ubyte", Idx({0, 2, 3}, ""));
    ExpectRefusal("train-images-idx3-ubyte", "holds no samples");
    Write("train-images-idx3-ubyte", Idx({4, 0, 3}, ""));
    ExpectRefusal("train-images-idx3-ubyte", "holds no samples");
}

TEST_F(FlIdxLoader, LengthsWhoseProductExceeds64Bits)
{
    Write("train-images-idx3-ubyte", Idx({4, 0x80000000, 0x80000000}, Pixels(24)));
    ExpectRefusal("train-images-idx3-ubyte", "its header declares");
}

TEST_F(FlIdxLoader, ImagesOfTwoSizes)
{
    Write("t10k-images-idx3-ubyte", Idx({2, 2, 2}, Pixels(8)));
    ExpectRefusal("", "differ in size, 6 pixels for training and 4 for testing");
}

TEST(FlDataset, FashionMnist)
{
    if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist"))
    {
        GTEST_SKIP() << "the package dataset-fashion-mnist is not installed";
    }
    const auto [train, test] = MakeDataset("fashion-mnist", g_runSeed);
    EXPECT_EQ(train->Size(), 60000U);
    EXPECT_EQ(test->Size(), 10000U);
    for (const auto& [set, count] : {std::pair(train, 6000), std::pair(test, 1000)})
    {
        EXPECT_EQ(set->features, 784U);
        EXPECT_EQ(set->classes, 10U);
        EXPECT_EQ(set->inputs.size(), std::size_t{784} * set->Size());
        const auto [low, high] = std::minmax_element(set->inputs.begin(), set->inputs.end());
        EXPECT_EQ(*low, 0.0F);
        EXPECT_EQ(*high, 1.0F);
        for (uint32_t label = 0; label < 10; ++label)
        {
            EXPECT_EQ(std::count(set->labels.begin(), set->labels.end(), label), count);
        }
    }
    // Mean and deviation of the training pixels, as commonly used to normalise this data.
    double sum = 0;
    double squares = 0;
    for (const double pixel : train->inputs)
    {
        sum += pixel;
        squares += pixel * pixel;
    }
    const double mean = sum / train->inputs.size();
    EXPECT_NEAR(mean, 0.2860, 5e-5);
    EXPECT_NEAR(std::sqrt(squares / train->inputs.size() - mean * mean), 0.3530, 5e-5);
}

/** Moments by hand: the 24 pixels 0, 10, ..., 230 have the mean 115 and the variance 4791 2/3. */
TEST_F(FlIdxLoader, NormalisedByTheTrainingSet)
{
    const auto [train, test] = Load("|Normalise=train");
    const double deviation = std::sqrt(14375.0 / 3);
    for (int i = 0; i < 24; ++i)
    {
        EXPECT_NEAR(train->inputs[i], (10 * i - 115) / deviation, 1e-6);
    }
    for (int i = 0; i < 12; ++i)
    {
        EXPECT_NEAR(test->inputs[i], (10 * i - 115) / deviation, 1e-6);
    }
}

/** Chosen labels are numbered in the order in which they are named; the others are gone. */
TEST_F(FlIdxLoader, ChosenLabels)
{
    Write("t10k-labels-idx1-ubyte", Idx({2}, {5, 9}));
    const auto [train, test] = Load("|Labels=9:3");
    EXPECT_EQ(train->classes, 2U);
    EXPECT_EQ(train->labels, (std::vector<uint32_t>{1, 0}));
    ASSERT_EQ(train->inputs.size(), 12U);
    EXPECT_EQ(train->Input(0)[1], 10.0F / 255.0F);
    EXPECT_EQ(train->Input(1)[1], 130.0F / 255.0F);
    EXPECT_EQ(test->labels, (std::vector<uint32_t>{0}));
    EXPECT_EQ(test->Input(0)[0], 60.0F / 255.0F);
}

TEST_F(FlIdxLoader, LabelsAndNormalisationThatDoNotFit)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"Labels=3", "Labels (classes to keep, such as 0:1): name two classes or more"},
        {"Labels=3:10", "10 is no class, classes go from 0 to 9"},
        {"Labels=3:-1", "-1 is no class"},
        {"Labels=3:3", "3 stands there twice"},
        {"Labels=3:x", "\"x\" is not a whole number"},
        {"Labels=3:", "\"\" is not a whole number"},
        {"Labels=0:3", "no training or no test image has one of the chosen Labels"},
        {"Normalise=imagenet", "Normalise=imagenet is for colour images and these are grey"},
        {"Normalise=yes", "is none of none, train, imagenet"}};
    for (const auto& [parameter, fault] : cases)
    {
        try
        {
            Load("|" + parameter);
            ADD_FAILURE() << "accepted " << parameter;
        }
        catch (const UserError& error)
        {
            const std::string message = error.what();
            EXPECT_EQ(message.rfind("--dataset: ", 0), 0U) << message;
            EXPECT_NE(message.find(fault), std::string::npos) << message;
        }
    }
}

TEST(FlDataset, FashionMnistNamesThePackage)
{
    try
    {
        MakeDataset("fashion-mnist[Folder=/nowhere]", g_runSeed);
        ADD_FAILURE() << "accepted";
    }
    catch (const UserError& error)
    {
        EXPECT_STREQ(error.what(),
                     "--dataset: /nowhere/train-images-idx3-ubyte is missing, with and without "
                     ".gz; install the package dataset-fashion-mnist or say where the files are "
                     "with fashion-mnist[Folder=...]");
    }
}

/** Its size follows from what stands for a sample: its label, or its real-valued target. */
TEST(FlDataset, SizeWithAndWithoutClasses)
{
    Dataset dataset;
    dataset.labels.resize(3);
    dataset.targets.resize(5);
    EXPECT_EQ(dataset.Size(), 5U);
    dataset.classes = 2;
    EXPECT_EQ(dataset.Size(), 3U);
}

TEST(FlDataset, UnknownName)
{
    EXPECT_THROW(MakeDataset("mnist", g_runSeed), UserError);
}

TEST(FlGaussianMixture, ShapeAndBalance)
{
    const auto [train, test] =
        MakeDataset("gaussian-mixture[Features=3|Classes=4|Samples=40|TestSamples=10]", g_runSeed);
    EXPECT_EQ(train->features, 3U);
    EXPECT_EQ(train->classes, 4U);
    EXPECT_EQ(train->Size(), 40U);
    EXPECT_EQ(train->inputs.size(), 120U);
    EXPECT_EQ(test->Size(), 10U);
    for (uint32_t label = 0; label < 4; ++label)
    {
        EXPECT_EQ(std::count(train->labels.begin(), train->labels.end(), label), 10);
    }
}

TEST(FlGaussianMixture, DependsOnSeedAndRunAlone)
{
    const std::string text = "gaussian-mixture[Samples=50|TestSamples=50]";
    const auto a = MakeDataset(text, {1, 1});
    EXPECT_EQ(MakeDataset(text, {1, 1}).train->inputs, a.train->inputs);
    EXPECT_EQ(MakeDataset(text, {1, 1}).test->inputs, a.test->inputs);
    EXPECT_NE(MakeDataset(text, {2, 1}).train->inputs, a.train->inputs);
    EXPECT_NE(MakeDataset(text, {1, 2}).train->inputs, a.train->inputs);
    EXPECT_NE(a.test->inputs, a.train->inputs);
}

/**
 * Noise has deviation 1 about the class means, both sets share the means, and over many seeds the
 * mean squared distance of two means is Separation^2: 100 seeds x 45 pairs x 10 features, where
 * the means of one seed are dependent, give a standard error of at most 5 percent.
 */
TEST(FlGaussianMixture, Separation)
{
    constexpr double separation = 5;
    constexpr uint32_t features = 10;
    constexpr uint32_t classes = 10;
    constexpr uint32_t perClass = 50;
    constexpr uint32_t seeds = 100;
    double distance = 0;
    double setDistance = 0;
    double noise = 0;
    for (uint32_t seed = 1; seed <= seeds; ++seed)
    {
        const auto pair = MakeDataset(
            "gaussian-mixture[Features=10|Classes=10|Samples=500|TestSamples=500|Separation=5]",
            {seed, 1});
        std::array<std::vector<double>, 2> means;
        for (int s = 0; s < 2; ++s)
        {
            const Dataset& set = s == 0 ? *pair.train : *pair.test;
            means[s].resize(classes * features);
            for (uint32_t i = 0; i < set.Size(); ++i)
            {
                for (uint32_t j = 0; j < features; ++j)
                {
                    means[s][set.labels[i] * features + j] += set.Input(i)[j] / perClass;
                }
            }
            for (uint32_t i = 0; i < set.Size(); ++i)
            {
                for (uint32_t j = 0; j < features; ++j)
                {
                    const double mean = means[s][set.labels[i] * features + j];
                    noise += std::pow(set.Input(i)[j] - mean, 2);
                }
            }
        }
        for (uint32_t j = 0; j < features; ++j)
        {
            for (uint32_t a = 0; a < classes; ++a)
            {
                setDistance += std::pow(means[0][a * features + j] - means[1][a * features + j], 2);
                for (uint32_t b = 0; b < a; ++b)
                {
                    distance +=
                        std::pow(means[0][a * features + j] - means[0][b * features + j], 2);
                }
            }
        }
    }
    // Estimated means carry noise of variance 1 / perClass.
    constexpr double estimation = 2.0 / perClass;
    constexpr double pairs = classes * (classes - 1) / 2.0;
    EXPECT_NEAR(noise / (seeds * 2 * classes * (perClass - 1) * features), 1, 0.01);
    EXPECT_NEAR(setDistance / (seeds * classes * features), estimation, 0.1 * estimation);
    EXPECT_NEAR(distance / (seeds * pairs),
                separation * separation + features * estimation,
                0.15 * separation * separation);
}

} // namespace fl
