/*
 * Copyright (c) 2026 The wfl authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FL_POOL_H
#define FL_POOL_H

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <utility>

namespace fl
{

/**
 * The threads that train while events run. Jobs must not touch what another job or the event loop
 * touches; then results do not depend on the number of threads.
 */
class Pool
{
  public:
    /** @param threads number of threads; with 1 a job runs in whoever asks for its result */
    explicit Pool(uint32_t threads)
    {
        if (threads > 1)
        {
            m_threads.emplace(threads);
        }
    }

    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /** Waits for all jobs. */
    ~Pool()
    {
        if (m_threads)
        {
            m_threads->join();
        }
    }

    /**
     * @param job a function without arguments
     * @return where its result will be
     */
    template <typename Job>
    auto Submit(Job job) -> std::future<decltype(job())>
    {
        using Result = decltype(job());
        if (!m_threads)
        {
            return std::async(std::launch::deferred, std::move(job));
        }
        auto task = std::make_shared<std::packaged_task<Result()>>(std::move(job));
        auto result = task->get_future();
        boost::asio::post(*m_threads, [task] { (*task)(); });
        return result;
    }

  private:
    std::optional<boost::asio::thread_pool> m_threads;
};

/**
 * Gives up the result of a job: waits for one that a thread runs or will run, and forgets one that
 * would only run if somebody asked.
 * @param result where the result would be; may be empty, and is afterwards
 */
template <typename Result>
void
Discard(std::future<Result>& result)
{
    const auto dropped = std::move(result);
    if (dropped.valid() &&
        dropped.wait_for(std::chrono::seconds(0)) != std::future_status::deferred)
    {
        dropped.wait();
    }
}

} // namespace fl

#endif // FL_POOL_H
