/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fl-folder-test-helpers.h"
#include "ns3/fl-dataset.h"
#include "ns3/fl-error.h"

#include <cmath>

namespace fl
{

namespace
{

/** A folder with the six files of CIFAR-10, each of two images instead of ten thousand. */
class FlCifar10 : public test::FolderTest
{
  protected:
    void SetUp() override
    {
        for (int batch = 1; batch <= 5; ++batch)
        {
            Write("data_batch_" + std::to_string(batch) + ".bin",
                  Record(batch, 10 * batch) + Record(9, 200));
        }
        Write("test_batch.bin", Record(0, 100) + Record(1, 101));
    }

    /** @return a record: a label, and in channel c the pixels value + c, but the very first is 0 */
    static std::string Record(int label, int value)
    {
        std::string record{static_cast<char>(label)};
        for (int channel = 0; channel < 3; ++channel)
        {
            record += std::string(1024, static_cast<char>(value + channel));
        }
        record[1] = 0;
        return record;
    }

    DatasetPair Load(const std::string& more = "") const
    {
        return MakeDataset("cifar10[Path=" + m_folder.string() + more + "]", RunSeed{});
    }

    /** Checks that loading fails in one line with file, fault and remedy. */
    void ExpectRefusal(const std::string& name, const std::string& fault) const
    {
        try
        {
            Load();
            ADD_FAILURE() << "accepted";
        }
        catch (const UserError& error)
        {
            EXPECT_EQ(error.what(),
                      "--dataset: " + (m_folder / name).string() + " " + fault +
                          "; say where the binary version of CIFAR-10 is with cifar10[Path=...]");
        }
    }
};

} // namespace

/** Five files are trained on, in their order, and one is tested on; red comes before green. */
TEST_F(FlCifar10, SmallFiles)
{
    const auto [train, test] = Load();
    EXPECT_EQ(train->Size(), 10U);
    EXPECT_EQ(train->features, 3072U);
    EXPECT_EQ(train->classes, 10U);
    EXPECT_EQ(train->image.channels, 3U);
    EXPECT_EQ(train->image.height, 32U);
    EXPECT_EQ(train->image.width, 32U);
    EXPECT_EQ(train->labels, (std::vector<uint32_t>{1, 9, 2, 9, 3, 9, 4, 9, 5, 9}));
    EXPECT_EQ(train->Input(2)[0], 0);
    EXPECT_EQ(train->Input(2)[1023], 20.0F / 255.0F);
    EXPECT_EQ(train->Input(2)[1024], 21.0F / 255.0F);
    EXPECT_EQ(train->Input(3)[3071], 202.0F / 255.0F);
    EXPECT_EQ(test->labels, (std::vector<uint32_t>{0, 1}));
    EXPECT_EQ(test->Input(1)[3071], 103.0F / 255.0F);
}

/** Each channel of the training set gets mean 0 and deviation 1, the test set the same shift. */
TEST_F(FlCifar10, NormalisedByTheTrainingSet)
{
    const auto plain = Load();
    const auto [train, test] = Load("|Normalise=train");
    for (uint32_t channel = 0; channel < 3; ++channel)
    {
        double sum = 0;
        double squares = 0;
        for (uint32_t i = 0; i < 10; ++i)
        {
            for (uint32_t j = 0; j < 1024; ++j)
            {
                const double pixel = train->Input(i)[1024 * channel + j];
                sum += pixel;
                squares += pixel * pixel;
            }
        }
        EXPECT_NEAR(sum / 10240, 0, 1e-6);
        EXPECT_NEAR(squares / 10240, 1, 1e-6);
        // One line through a pixel of each set: what it does to one, it does to the other.
        const auto at = 1024 * channel + 5;
        const double slope = (train->Input(1)[at] - train->Input(0)[at]) /
                             (plain.train->Input(1)[at] - plain.train->Input(0)[at]);
        EXPECT_NEAR(test->Input(0)[at] - train->Input(0)[at],
                    slope * (plain.test->Input(0)[at] - plain.train->Input(0)[at]),
                    1e-5);
    }
}

/** The moments that are customary for ImageNet, by channel. */
TEST_F(FlCifar10, NormalisedByImageNet)
{
    const auto test = Load("|Normalise=imagenet").test;
    EXPECT_NEAR(test->Input(0)[5], (100 / 255.0 - 0.485) / 0.229, 1e-6);
    EXPECT_NEAR(test->Input(0)[1029], (101 / 255.0 - 0.456) / 0.224, 1e-6);
    EXPECT_NEAR(test->Input(0)[2053], (102 / 255.0 - 0.406) / 0.225, 1e-6);
}

TEST_F(FlCifar10, ChosenLabels)
{
    Write("test_batch.bin", Record(0, 100) + Record(3, 101));
    const auto [train, test] = Load("|Labels=3:9");
    EXPECT_EQ(train->labels, (std::vector<uint32_t>{1, 1, 0, 1, 1, 1}));
    EXPECT_EQ(train->Input(2)[1], 30.0F / 255.0F);
    EXPECT_EQ(test->labels, (std::vector<uint32_t>{0}));
}

TEST_F(FlCifar10, PackedFile)
{
    std::filesystem::remove(m_folder / "data_batch_4.bin");
    Write("data_batch_4.bin.gz", test::Gzip(Record(7, 1)));
    EXPECT_EQ(Load().train->labels, (std::vector<uint32_t>{1, 9, 2, 9, 3, 9, 7, 5, 9}));
}

TEST_F(FlCifar10, DamagedFiles)
{
    Write("data_batch_3.bin", Record(1, 1).substr(0, 3072));
    ExpectRefusal("data_batch_3.bin", "holds 3072 bytes, not one or more records of 3073");
    Write("data_batch_3.bin", "");
    ExpectRefusal("data_batch_3.bin", "holds 0 bytes, not one or more records of 3073");
    Write("data_batch_3.bin", Record(1, 1) + Record(10, 1));
    ExpectRefusal("data_batch_3.bin", "holds the label 10 in record 1, labels go from 0 to 9");
    Write("data_batch_3.bin", Record(1, 1) + Record(-1, 1));
    ExpectRefusal("data_batch_3.bin", "holds the label 255 in record 1, labels go from 0 to 9");
    std::filesystem::remove(m_folder / "data_batch_3.bin");
    ExpectRefusal("data_batch_3.bin", "is missing, with and without .gz");
}

} // namespace fl
