/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * A channel of your own: sensors on the sea bed talk to a buoy by sound. doc/custom-channel.md
 * explains it line by line.
 *
 * Run it:   ./wfl run custom-channel --channel='acoustic[RadiusM=500]' --algorithm=signsgd-mv \
 *               --rounds=20 --output=results/sea
 * Check it: ./wfl run custom-channel --check=channel:acoustic
 */

#include "ns3/core-module.h"
#include "ns3/wfl-module.h"

using namespace ns3;
using namespace ns3::wfl;

/** Underwater acoustic links with Rayleigh fading, after Stojanovic, MC2R 11 (4), 2007. */
class AcousticChannel : public LinkChannel
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("AcousticChannel")
                                .SetParent<LinkChannel>()
                                .AddConstructor<AcousticChannel>()
                                .AddAttribute("RadiusM",
                                              "Radius of the disc of sensors in metres.",
                                              DoubleValue(1000),
                                              MakeDoubleAccessor(&AcousticChannel::m_radiusM),
                                              MakeDoubleChecker<double>(1, 5000));
        return tid;
    }

  private:
    LinkFate DoFate(const LinkDatagram& datagram) override
    {
        fl::Random place(GetRunSeed(), fl::Purpose::POSITION, datagram.worker);
        const double m = std::max(1.0, m_radiusM * std::sqrt(place.Uniform()));
        const double spreadingDb = 15 * std::log10(m);
        const double absorptionDb = 4.13 * m / 1000; // Thorp's formula at 20 kHz
        const double noiseDb = 50 - 18 * std::log10(20) + 10 * std::log10(BANDWIDTH_HZ);
        const double snr = std::pow(10, (SOURCE_DB - spreadingDb - absorptionDb - noiseDb) / 10);
        const double rateBps = BANDWIDTH_HZ * std::log2(1 + snr / FADING_MARGIN);
        const auto second = static_cast<uint32_t>(datagram.start.GetSeconds());
        fl::Random fading(GetRunSeed(), fl::Purpose::LINK, datagram.worker, second);
        const bool lost = fading.Exponential(1) < 1 / FADING_MARGIN;
        return {Seconds(8 * datagram.bytes / rateBps), Seconds(m / 1500), lost};
    }

    static constexpr double BANDWIDTH_HZ = 4000;
    static constexpr double SOURCE_DB = 145; // re 1 uPa at 1 m
    static constexpr double FADING_MARGIN = 10;
    double m_radiusM;
};

WFL_REGISTER_CHANNEL(AcousticChannel, "acoustic");

int
main(int argc, char** argv)
{
    return RunScenario(argc, argv);
}
