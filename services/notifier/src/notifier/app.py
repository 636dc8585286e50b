"""Milestones in, notices kept: acked after the commit, held while the database is away."""

import asyncio

import structlog
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

from notifier.deliveries import owed
from notifier.handover import Handover
from notifier.notice import notice_for
from notifier.store import NoticeStore
from shared.messages.milestones import AnyMilestone
from shared.messaging.publisher import HEARTBEAT_S
from shared.messaging.topology import MILESTONES_QUEUE
from shared.runtime import fail_points
from shared.store.engine import holds_up

PREFETCH = 30
_log = structlog.get_logger()


def broker_for(
    rabbitmq_url: str,
    store: NoticeStore,
    handover: Handover | None = None,
    *,
    grace_s: float = 5,
) -> RabbitBroker:
    """A broker with the one subscriber; an unreadable milestone goes to the dead queue at once.

    With ``handover``, a finished video is owed to its owner from the same commit on.
    """
    joint = "&" if "?" in rabbitmq_url else "?"
    broker = RabbitBroker(
        f"{rabbitmq_url}{joint}heartbeat={HEARTBEAT_S}",
        logger=None,
        graceful_timeout=grace_s,
        fail_fast=False,
        reconnect_interval=1,
    )

    @broker.subscriber(
        RabbitQueue(MILESTONES_QUEUE, queue_type=QueueType.QUORUM, declare=False),
        channel=Channel(prefetch_count=PREFETCH),
        ack_policy=AckPolicy.REJECT_ON_ERROR,
        no_reply=True,
    )
    async def on_milestone(milestone: AnyMilestone) -> None:
        await keep(store, milestone, handover)

    return broker


async def keep(
    store: NoticeStore, milestone: AnyMilestone, handover: Handover | None = None
) -> None:
    """Keeps the notice; a database that is away means wait, not reject."""
    notice = notice_for(milestone)
    debt = owed(milestone) if handover else None
    pause = 0.2
    while True:
        try:
            new = await store.add(notice, debt)
        except Exception as error:
            if not holds_up(error):
                raise
            _log.warning("notice.held", reason=repr(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5)
        else:
            fail_points.reached("notifier.kept")
            _log.info("notice.kept", kind=notice.kind, notice=str(notice.id), new=new)
            if handover:
                handover.wake()
            return
