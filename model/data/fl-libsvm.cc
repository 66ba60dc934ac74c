/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/fl-data-file.h"
#include "ns3/fl-dataset.h"
#include "ns3/fl-error.h"
#include "ns3/fl-registry.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace fl
{

namespace
{

/** Samples as they stand in a file. */
struct SparseSamples
{
    std::vector<double> labels;                      ///< of each sample
    std::vector<uint32_t> lines;                     ///< of each sample, from 1
    std::vector<std::size_t> begins;                 ///< of each sample, its first entry
    std::vector<std::pair<uint32_t, float>> entries; ///< index, from 1, and value
    uint32_t features{0};                            ///< largest index
};

/** Takes the next word of a line away; "" at its end. */
std::string_view
TakeWord(std::string_view& line)
{
    constexpr std::string_view blanks = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const auto word = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(word.size());
    return word;
}

/** @return the number that a word is, if it is one */
template <typename T>
std::optional<T>
ToNumber(std::string_view word)
{
    if (word.size() > 1 && word.front() == '+' && word[1] != '-')
    {
        word.remove_prefix(1);
    }
    T number{};
    const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool whole = fault == std::errc() && end == word.data() + word.size();
    return whole ? std::optional(number) : std::nullopt;
}

/** @return whether a number is finite, also on the scalar of a dataset */
bool
Fits(double number)
{
    return std::abs(number) <= std::numeric_limits<float>::max();
}

/** A file in LIBSVM's text format: a sample a line, `label index:value index:value ...`. */
class LibsvmFile
{
  public:
    /**
     * @param path where it is
     * @param features largest index allowed, 0 for any
     */
    LibsvmFile(const std::string& path, uint32_t features)
        : m_file(path, false, "give LIBSVM text files with libsvm[Train=...|Test=...]"),
          m_allowed(features == 0 ? UINT32_MAX : features)
    {
        std::string_view text = m_file.Bytes();
        while (!text.empty())
        {
            const auto line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(line.size() + 1, text.size()));
            ++m_line;
            ReadLine(line.substr(0, line.find('#')));
        }
        if (m_samples.labels.empty())
        {
            m_file.Fail("holds no samples");
        }
        m_samples.begins.push_back(m_samples.entries.size());
    }

    /** @return the samples */
    const SparseSamples& Samples() const
    {
        return m_samples;
    }

    /** Refuses the file because of a line. */
    [[noreturn]] void Fail(uint32_t line, const std::string& fault) const
    {
        m_file.Fail("line " + std::to_string(line) + ": " + fault);
    }

    /** Refuses the file as a whole. */
    [[noreturn]] void Fail(const std::string& fault) const
    {
        m_file.Fail(fault);
    }

  private:
    /** Refuses the file because of a word, which is shown shortened and printable. */
    [[noreturn]] void FailWord(std::string_view word, const std::string& fault) const
    {
        std::string shown(word.substr(0, 40));
        std::replace_if(
            shown.begin(),
            shown.end(),
            [](char c) { return c < ' ' || c > '~'; },
            '?');
        Fail(m_line, '"' + shown + "\" " + fault);
    }

    void ReadLine(std::string_view line)
    {
        auto word = TakeWord(line);
        if (word.empty())
        {
            return;
        }
        const auto label = ToNumber<double>(word);
        if (!label || !Fits(*label))
        {
            FailWord(word, "is no label, that is one finite number");
        }
        m_samples.labels.push_back(*label);
        m_samples.lines.push_back(m_line);
        m_samples.begins.push_back(m_samples.entries.size());
        uint32_t last = 0;
        while (!(word = TakeWord(line)).empty())
        {
            last = ReadEntry(word, last);
        }
        m_samples.features = std::max(m_samples.features, last);
    }

    /** Reads index:value and returns the index. */
    uint32_t ReadEntry(std::string_view word, uint32_t last)
    {
        const auto colon = std::min(word.find(':'), word.size());
        const auto index = ToNumber<uint32_t>(word.substr(0, colon));
        const auto value = ToNumber<double>(word.substr(std::min(colon + 1, word.size())));
        if (!index || !value || !Fits(*value))
        {
            FailWord(word, "is not index:value, a whole and a finite number");
        }
        if (*index == 0 || *index > m_allowed)
        {
            FailWord(word,
                     "has an index out of range, allowed is 1 to " + std::to_string(m_allowed));
        }
        if (*index <= last)
        {
            FailWord(word, "has an index that is not above the one before");
        }
        m_samples.entries.emplace_back(*index, static_cast<float>(*value));
        return *index;
    }

    DataFile m_file;
    uint32_t m_allowed;
    uint32_t m_line{0};
    SparseSamples m_samples;
};

/** @return the labels of a training set in ascending order, each once */
std::vector<double>
LabelsOf(const LibsvmFile& file)
{
    const auto& samples = file.Samples();
    for (std::size_t i = 0; i < samples.labels.size(); ++i)
    {
        if (samples.labels[i] != std::nearbyint(samples.labels[i]))
        {
            file.Fail(samples.lines[i],
                      "the label is no whole number, as it must be unless Task=regression");
        }
    }
    auto labels = samples.labels;
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    if (labels.size() < 2)
    {
        file.Fail("holds one label only, classification needs two");
    }
    return labels;
}

/** @return all numbers of the samples, zeros included, and no labels or targets */
std::shared_ptr<Dataset>
Spread(const SparseSamples& samples, uint32_t features)
{
    auto dataset = std::make_shared<Dataset>();
    dataset->features = features;
    dataset->inputs.resize(samples.labels.size() * features);
    for (std::size_t i = 0; i < samples.labels.size(); ++i)
    {
        for (std::size_t j = samples.begins[i]; j < samples.begins[i + 1]; ++j)
        {
            const auto [index, value] = samples.entries[j];
            dataset->inputs[i * features + index - 1] = value;
        }
    }
    return dataset;
}

/** @return the samples of a file; real-valued targets if there are no classes */
std::shared_ptr<const Dataset>
MakeSet(const LibsvmFile& file, uint32_t features, const std::vector<double>& classes)
{
    const auto& samples = file.Samples();
    auto dataset = Spread(samples, features);
    dataset->classes = static_cast<uint32_t>(classes.size());
    if (classes.empty())
    {
        dataset->targets.assign(samples.labels.begin(), samples.labels.end());
        return dataset;
    }
    for (std::size_t i = 0; i < samples.labels.size(); ++i)
    {
        const auto place = std::lower_bound(classes.begin(), classes.end(), samples.labels[i]);
        if (place == classes.end() || *place != samples.labels[i])
        {
            file.Fail(samples.lines[i], "the label does not occur in the training file");
        }
        dataset->labels.push_back(static_cast<uint32_t>(place - classes.begin()));
    }
    return dataset;
}

/** Refuses samples that would fill the memory once their zeros are written out. */
void
CheckSize(const LibsvmFile& file, uint32_t features, double samples, int64_t limit)
{
    constexpr double mebibyte = 1 << 20;
    const double needed = std::ceil(samples * features * sizeof(float) / mebibyte);
    if (needed > limit)
    {
        file.Fail("and its test file need " + std::to_string(static_cast<uint64_t>(needed)) +
                  " MiB with all zeros written out, " + std::to_string(limit) +
                  " MiB are allowed, take fewer samples or raise MemoryLimit");
    }
}

DatasetPair
LoadLibsvm(const Parameters& parameters, const RunSeed&)
{
    const auto& trainPath = parameters.Text("Train");
    const auto& testPath = parameters.Text("Test");
    if (trainPath.empty())
    {
        throw UserError("--dataset: libsvm does not know its file, say where it is with "
                        "libsvm[Train=...]");
    }
    const auto allowed = static_cast<uint32_t>(parameters.Integer("Features"));
    const LibsvmFile train(trainPath, allowed);
    std::optional<LibsvmFile> test;
    if (!testPath.empty())
    {
        test.emplace(testPath, allowed);
    }
    uint32_t features = std::max(allowed, train.Samples().features);
    std::size_t samples = train.Samples().labels.size();
    if (test)
    {
        features = std::max(features, test->Samples().features);
        samples += test->Samples().labels.size();
    }
    if (features == 0)
    {
        train.Fail("holds labels only");
    }
    CheckSize(train, features, static_cast<double>(samples), parameters.Integer("MemoryLimit"));
    const auto classes =
        parameters.Text("Task") == "regression" ? std::vector<double>() : LabelsOf(train);
    const auto trainSet = MakeSet(train, features, classes);
    return {trainSet, test ? MakeSet(*test, features, classes) : trainSet};
}

/** Chang and Lin, "LIBSVM: a library for support vector machines", ACM TIST 2, 2011. */
const Registration<DatasetFactory> g_libsvm(
    "libsvm",
    "your own files in LIBSVM's text format, plain, gzip or bzip2",
    {{"Train", ParameterType::TEXT, "", "", "file to train on"},
     {"Test", ParameterType::TEXT, "", "", "file to test on; the training file if empty"},
     {"Features",
      ParameterType::INTEGER,
      "",
      "0",
      "numbers per sample; 0 for the largest index in the files",
      0,
      1e9},
     {"Task",
      ParameterType::CHOICE,
      "",
      "classification",
      "whether labels are whole numbers for classes, numbered anew in ascending order, or targets",
      0,
      0,
      {"classification", "regression"}},
     {"MemoryLimit",
      ParameterType::INTEGER,
      "MiB",
      "4096",
      "largest size of all samples, whose zeros are written out in memory",
      1,
      1e9}},
    LoadLibsvm);

} // namespace

} // namespace fl
