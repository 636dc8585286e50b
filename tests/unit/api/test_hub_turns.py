"""Which of many changed projects are read first."""

from uuid import uuid4

from api.live.hub import MOST_READ, Hub


def test_projects_are_read_in_the_order_of_asking_however_many_come_after() -> None:
    hub = Hub(engine=None, read=None, most_per_user=9)  # type: ignore[arg-type]
    ids = [uuid4() for _ in range(2 * MOST_READ)]
    hub.look_at(ids)

    assert hub._taken() == ids[:MOST_READ]
    hub.look_at(ids[:MOST_READ])  # changed again meanwhile
    hub.look_at(ids[MOST_READ:])

    assert hub._taken() == ids[MOST_READ:]
    assert hub._taken() == ids[:MOST_READ]
    assert hub._taken() == []
