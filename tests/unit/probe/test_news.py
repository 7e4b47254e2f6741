from __future__ import annotations

import asyncio

from rctango.probe.news import News


def test_a_wait_ends_with_news_or_at_its_moment() -> None:
    async def waits() -> list[bool]:
        loop, news = asyncio.get_running_loop(), News()
        loop.call_soon(news.tell)
        found = [await news.wait(loop.time() + 60)]
        found.append(await news.wait(loop.time() + 0.02))
        loop.call_soon(news.tell)
        found.append(await news.wait())
        news.close()
        return found

    assert asyncio.run(waits()) == [True, False, True]


def test_a_later_moment_is_kept_although_the_timer_of_an_earlier_one_runs() -> None:
    async def waits() -> tuple[float, bool]:
        loop, news = asyncio.get_running_loop(), News()
        began = loop.time()
        loop.call_soon(news.tell)
        await news.wait(began + 0.02)
        told = await news.wait(began + 0.08)
        return loop.time() - began, told

    seconds, told = asyncio.run(waits())
    assert not told
    assert 0.078 <= seconds < 5


def test_a_moment_that_is_over_ends_the_wait_at_once() -> None:
    async def waits() -> bool:
        news = News()
        return await news.wait(asyncio.get_running_loop().time() - 1)

    assert not asyncio.run(waits())


def test_news_before_a_wait_do_not_end_it() -> None:
    async def waits() -> bool:
        news = News()
        news.tell()
        return await news.wait(asyncio.get_running_loop().time() + 0.01)

    assert not asyncio.run(waits())


def test_a_closed_one_leaves_no_timer() -> None:
    async def waits() -> None:
        loop, news = asyncio.get_running_loop(), News()
        loop.call_soon(news.tell)
        await news.wait(loop.time() + 0.01)
        news.close()
        news.tell()
        await asyncio.sleep(0.03)

    asyncio.run(waits())
