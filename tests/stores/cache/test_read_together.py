"""What several callers ask for in one turn of the event loop is one read of L2, and else nothing is shared."""

import asyncio

import pytest
from one_process import World, play

from soundcheck.cache import LoadGivenUp
from soundcheck.stores.cache.loading import MOST_TOGETHER


def test_callers_of_one_turn_share_the_read_and_neither_the_load_nor_its_error() -> None:
    async def story(world: World) -> None:
        landed: list[str] = []

        async def ask(name: str, delay: float, error: Exception | None = None) -> str:
            async def load() -> str:
                await asyncio.sleep(delay)
                if error is not None:
                    raise error
                return name

            try:
                return await world.cache.get_or_load(f"user:{name}", load)
            finally:
                landed.append(name)

        wrong = LookupError("no such row")
        found = await asyncio.gather(
            ask("slow", 0.4), ask("quick", 0.0), ask("wrong", 0.1, wrong), return_exceptions=True
        )
        assert found == ["slow", "quick", wrong]
        assert landed == ["quick", "wrong", "slow"]
        assert world.level.reads == 1
        assert await ask("quick", 0.0) == "quick"
        assert world.total.l1_hits == 1

    play(story)


def test_what_ages_in_l2_is_renewed_by_its_own_caller_s_loader() -> None:
    async def story(world: World) -> None:
        loads: list[str] = []

        async def ask(name: str) -> str:
            async def load() -> str:
                loads.append(name)
                return name

            return await world.cache.get_or_load(f"user:{name}", load, ttl=100)

        await ask("old")
        await asyncio.sleep(90)
        assert await asyncio.gather(ask("old"), ask("new")) == ["old", "new"]
        await asyncio.sleep(1)
        assert loads == ["old", "new", "old"] or loads == ["old", "old", "new"]
        assert world.total.refreshes == 1

    play(story)


def test_very_many_keys_are_read_in_several_calls() -> None:
    async def story(world: World) -> None:
        async def load() -> int:
            return 1

        many = [world.cache.get_or_load(f"user:{number}", load) for number in range(MOST_TOGETHER * 2 + 1)]
        assert await asyncio.gather(*many) == [1] * len(many)
        assert world.level.reads == 3

    play(story)


def test_closing_gives_up_what_was_asked_for_a_moment_before() -> None:
    async def story(world: World) -> None:
        async def load() -> int:
            await asyncio.sleep(3600)
            return 1

        asked = [asyncio.ensure_future(world.cache.get_or_load(f"user:{number}", load)) for number in range(3)]
        await asyncio.sleep(0)
        await world.cache.close()
        for one in asked:
            with pytest.raises(LoadGivenUp):
                await one

    play(story)
