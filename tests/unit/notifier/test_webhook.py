"""The rules of webhooks: signatures, answers, pauses, secrets."""

import base64

import pytest
from pydantic import ValidationError

from notifier.settings import HandoverSettings
from notifier.webhook import PAUSES_S, headers_of, meaning, pause_after

KEY = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOK = {"handover_url": "s3://bucket", "handover_webhook_url": "https://receiver.example/hook"}


def test_a_message_is_signed_as_the_public_example_is() -> None:
    headers = headers_of(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', key=KEY, at=1_614_265_330
    )

    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "delivered"), (204, "delivered"), (410, "refused")]
    + [(status, None) for status in (301, 302, 400, 401, 404, 429, 500, 503)],
)
def test_two_hundreds_are_success_and_only_410_ends_it(status: int, outcome: str | None) -> None:
    assert meaning(status) == outcome


def test_pauses_grow_and_come_to_an_end() -> None:
    pauses = [pause_after(n) for n in range(1, len(PAUSES_S) + 2)]

    assert pauses == [*PAUSES_S, None]
    assert list(PAUSES_S) == sorted(PAUSES_S)


@pytest.mark.parametrize(
    ("wished", "pause"), [("120", 120), ("1", 5), ("999999", 86_400), ("tomorrow", 5), ("-3", 5)]
)
def test_a_wish_for_a_longer_pause_is_granted_up_to_a_day(wished: str, pause: int) -> None:
    assert pause_after(1, wished) == pause


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64", SECRET.removeprefix("whsec_")]
)
def test_a_webhook_without_a_good_secret_is_refused_at_start(secret: str) -> None:
    with pytest.raises(ValidationError, match="HANDOVER_WEBHOOK_SECRET"):
        HandoverSettings(_env_file=None, handover_webhook_secret=secret, **HOOK)  # type: ignore[call-arg]


def test_the_secret_is_in_no_printed_settings() -> None:
    settings = HandoverSettings(_env_file=None, handover_webhook_secret=SECRET, **HOOK)  # type: ignore[call-arg]

    assert settings.webhook_key == KEY
    assert SECRET not in repr(settings)
