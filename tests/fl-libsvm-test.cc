/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fl-folder-test-helpers.h"
#include "ns3/fl-dataset.h"
#include "ns3/fl-error.h"

#include <limits>

namespace fl
{

namespace
{

/** A folder with small LIBSVM files. */
class FlLibsvm : public test::FolderTest
{
  protected:
    /** @return the data of train.txt and test.txt, or with other parameters */
    DatasetPair Load(const std::string& more = "") const
    {
        return MakeDataset("libsvm[Train=" + Path("train.txt") + more + "]", RunSeed{});
    }

    /** @return the data of both files */
    DatasetPair LoadBoth(const std::string& more = "") const
    {
        return Load("|Test=" + Path("test.txt") + more);
    }

    std::string Path(const std::string& name) const
    {
        return (m_folder / name).string();
    }

    /** Checks that loading fails in one line with file, fault and remedy. */
    template <typename Action>
    void ExpectRefusal(Action load, const std::string& name, const std::string& fault) const
    {
        try
        {
            load();
            ADD_FAILURE() << "accepted, not: " << fault;
        }
        catch (const UserError& error)
        {
            EXPECT_EQ(error.what(),
                      "--dataset: " + Path(name) + " " + fault +
                          "; give LIBSVM text files with libsvm[Train=...|Test=...]");
        }
    }

    /** Checks what is said of a training file. */
    void ExpectRefused(const std::string& content, const std::string& fault) const
    {
        Write("train.txt", content);
        ExpectRefusal([this] { Load(); }, "train.txt", fault);
    }

    const std::string m_text{"+1 1:0.5 3:-2\n-1 2:1e-3\n+1\n"};
};

} // namespace

/** What is not named is 0; labels become classes in ascending order. */
TEST_F(FlLibsvm, SmallFile)
{
    Write("train.txt", m_text);
    const auto [train, test] = Load();
    EXPECT_EQ(train->features, 3U);
    EXPECT_EQ(train->classes, 2U);
    EXPECT_EQ(train->labels, (std::vector<uint32_t>{1, 0, 1}));
    EXPECT_EQ(train->inputs, (std::vector<float>{0.5F, 0, -2, 0, 1e-3F, 0, 0, 0, 0}));
    EXPECT_EQ(train->Size(), 3U);
    EXPECT_TRUE(train->targets.empty());
    EXPECT_EQ(test, train) << "without a test file the training file serves";
}

/** Blank lines, comments, tabs, carriage returns, and no newline at the end. */
TEST_F(FlLibsvm, WhatTheFormatAllows)
{
    Write("train.txt", "\n# made by hand\n 1\t1:0.5   3:-2 # first\r\n\r\n-1 2:1e-3\r\n1.0");
    const auto train = Load().train;
    EXPECT_EQ(train->labels, (std::vector<uint32_t>{1, 0, 1}));
    EXPECT_EQ(train->inputs, (std::vector<float>{0.5F, 0, -2, 0, 1e-3F, 0, 0, 0, 0}));
}

TEST_F(FlLibsvm, ManyClassesInAscendingOrder)
{
    Write("train.txt", "10 1:1\n-3 1:1\n2 1:1\n10 1:1\n");
    const auto train = Load().train;
    EXPECT_EQ(train->classes, 3U);
    EXPECT_EQ(train->labels, (std::vector<uint32_t>{2, 0, 1, 2}));
}

/** Both files have as many features as the one with the larger index, or as the user says. */
TEST_F(FlLibsvm, FeaturesOfBothFiles)
{
    Write("train.txt", m_text);
    Write("test.txt", "-1 4:7\n");
    const auto [train, test] = LoadBoth();
    EXPECT_EQ(train->features, 4U);
    EXPECT_EQ(train->inputs.size(), 12U);
    EXPECT_EQ(train->Input(1)[1], 1e-3F);
    EXPECT_EQ(test->inputs, (std::vector<float>{0, 0, 0, 7}));
    EXPECT_EQ(test->labels, (std::vector<uint32_t>{0}));
    EXPECT_EQ(LoadBoth("|Features=6").train->features, 6U);
    ExpectRefusal([this] { LoadBoth("|Features=3"); },
                  "test.txt",
                  "line 1: \"4:7\" has an index out of range, allowed is 1 to 3");
}

TEST_F(FlLibsvm, Regression)
{
    Write("train.txt", "0.25 1:1\n-1e2 1:2\n");
    const auto train = Load("|Task=regression").train;
    EXPECT_EQ(train->classes, 0U);
    EXPECT_EQ(train->Size(), 2U);
    EXPECT_EQ(train->targets, (std::vector<float>{0.25F, -100}));
    EXPECT_TRUE(train->labels.empty());
    ExpectRefusal([this] { Load(); },
                  "train.txt",
                  "line 1: the label is no whole number, as it must be unless Task=regression");
}

/** The content decides whether a file is packed. */
TEST_F(FlLibsvm, PackedFiles)
{
    Write("train.txt", m_text);
    const auto expected = Load().train->inputs;
    Write("train.txt", test::Gzip(m_text));
    EXPECT_EQ(Load().train->inputs, expected);
    Write("train.txt", test::Bzip2(m_text));
    EXPECT_EQ(Load().train->inputs, expected);
}

/** A packed file that is cut anywhere is refused. */
TEST_F(FlLibsvm, EveryCutOfAPackedFile)
{
    for (const auto& sound : {test::Gzip(m_text), test::Bzip2(m_text)})
    {
        for (std::size_t length = 0; length < sound.size(); ++length)
        {
            Write("train.txt", sound.substr(0, length));
            EXPECT_THROW(Load(), UserError) << length << " of " << sound.size();
        }
    }
}

TEST_F(FlLibsvm, DamagedLines)
{
    ExpectRefused("", "holds no samples");
    ExpectRefused("\n# nothing\n", "holds no samples");
    ExpectRefused("1\n-1\n", "holds labels only");
    ExpectRefused("1 1:1\n1 1:2\n", "holds one label only, classification needs two");
    ExpectRefused("1 1:1\n-1 0:2\n",
                  "line 2: \"0:2\" has an index out of range, allowed is 1 to 4294967295");
    ExpectRefused("1 1:1\n\n-1 2:2 2:3\n",
                  "line 3: \"2:3\" has an index that is not above the one before");
    ExpectRefused("1 3:1 2:1\n", "line 1: \"2:1\" has an index that is not above the one before");
    for (const std::string word : {"2",
                                   ":",
                                   "2:",
                                   ":2",
                                   "2:x",
                                   "x:2",
                                   "-1:2",
                                   "1.5:2",
                                   "2:1:1",
                                   "2:nan",
                                   "2:inf",
                                   "2:1e39",
                                   "2:1e999",
                                   "4294967296:1",
                                   "qid:3",
                                   "2:+-1"})
    {
        ExpectRefused("1 1:1 " + word + "\n",
                      "line 1: \"" + word + "\" is not index:value, a whole and a finite number");
    }
    for (const std::string word : {"x", "1:1", "1,2", "nan", "inf", "1e39", "+"})
    {
        ExpectRefused(word + " 1:1\n",
                      "line 1: \"" + word + "\" is no label, that is one finite number");
    }
    ExpectRefused("\x01\xff 1:1\n", "line 1: \"??\" is no label, that is one finite number");
    ExpectRefused("<html>" + std::string(100, 'x') + "\n",
                  "line 1: \"<html>" + std::string(34, 'x') +
                      "\" is no label, that is one finite number");
}

TEST_F(FlLibsvm, LabelThatOnlyTheTestFileHas)
{
    Write("train.txt", m_text);
    Write("test.txt", "1 1:1\n0 1:1\n");
    ExpectRefusal([this] { LoadBoth(); },
                  "test.txt",
                  "line 2: the label does not occur in the training file");
}

/** 3 samples x 1,000,000 features x 4 bytes are 11.4 MiB; a giant index is refused in time. */
TEST_F(FlLibsvm, MemoryLimit)
{
    Write("train.txt", m_text);
    const auto fault = [](const std::string& needed, const std::string& limit)
    {
        return "and its test file need " + needed + " MiB with all zeros written out, " + limit +
               " MiB are allowed, take fewer samples or raise MemoryLimit";
    };
    ExpectRefusal([this] { Load("|Features=1000000|MemoryLimit=11"); },
                  "train.txt",
                  fault("12", "11"));
    EXPECT_EQ(Load("|Features=1000000|MemoryLimit=12").train->inputs.size(), 3000000U);
    ExpectRefusal([this]
                  { Load("|Test=" + Path("train.txt") + "|Features=1000000|MemoryLimit=22"); },
                  "train.txt",
                  fault("23", "22"));
    ExpectRefused("1 4294967295:1\n-1\n", fault("32768", "4096"));
}

TEST_F(FlLibsvm, MissingFiles)
{
    ExpectRefusal([this] { Load(); }, "train.txt", "is missing");
    Write("train.txt", m_text);
    ExpectRefusal([this] { LoadBoth(); }, "test.txt", "is missing");
    std::filesystem::create_directory(m_folder / "test.txt");
    EXPECT_THROW(LoadBoth(), UserError);
    try
    {
        MakeDataset("libsvm", RunSeed{});
        ADD_FAILURE() << "accepted";
    }
    catch (const UserError& error)
    {
        EXPECT_STREQ(error.what(),
                     "--dataset: libsvm does not know its file, say where it is with "
                     "libsvm[Train=...]");
    }
}

} // namespace fl
