"""What an open page has still to see."""

from uuid import uuid4

from api.live.subscription import Subscription
from api.status import Told, farewell

PROJECT = uuid4()


def told(version: int, etag: str | None = None) -> Told:
    return Told(
        project_id=PROJECT,
        user_id="ann",
        version=version,
        body=f"{version}".encode(),
        etag=etag or f'"{version}"',
        stalled=False,
        restless=False,
    )


async def test_what_came_while_the_snapshot_was_read_is_not_lost_with_it() -> None:
    page = Subscription(user_id="ann", project_id=PROJECT)
    page.offer(told(6))

    page.seen([told(5)])

    assert await page.next(0) == [told(6)]


async def test_an_older_answer_that_comes_late_is_not_shown() -> None:
    page = Subscription(user_id="ann", project_id=PROJECT)
    page.seen([told(6)])

    page.offer(told(5))

    assert await page.next(0) == []


async def test_only_the_newest_waits_and_the_same_is_not_sent_twice() -> None:
    page = Subscription(user_id="ann", project_id=PROJECT)
    for version in range(1, 50):
        page.offer(told(version))

    first = await page.next(0)
    page.offer(told(50, etag='"49"'))

    assert first == [told(49)]
    assert await page.next(0) == []


async def test_what_was_deleted_and_came_back_before_the_page_looked_is_not_said_to_be_gone() -> (
    None
):
    page = Subscription(user_id="ann", project_id=None)
    page.seen([told(5)])
    page.offer(farewell(PROJECT, "ann", 6))

    page.offer(told(7, etag='"5"'))

    assert await page.next(0) == []
