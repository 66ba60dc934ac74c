/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef WFL_FRAME_LOSS_H
#define WFL_FRAME_LOSS_H

#include "ns3/error-model.h"
#include "ns3/wfl-loss-model.h"

#include <functional>

namespace ns3
{
namespace wfl
{

/** Loss models at the place of ns-3's error model of a receiver, under its MAC. */
class FrameLoss : public ErrorModel
{
  public:
    /** @return the TypeId */
    static TypeId GetTypeId();

    /** Chooses the model that decides about a frame, which is the link's; null spares the frame. */
    using Choice = std::function<Ptr<LossModel>(const Ptr<const Packet>& frame)>;

    /** @param choice chooses */
    void SetChoice(Choice choice);

  private:
    bool DoCorrupt(Ptr<Packet> frame) override;
    void DoReset() override;

    Choice m_choice;
};

} // namespace wfl
} // namespace ns3

#endif // WFL_FRAME_LOSS_H
