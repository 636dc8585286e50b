"""What must never be seen in a log."""

import pytest

from shared.runtime.settings import BusSettings, Settings, StoreSettings, VoiceSettings

HIDDEN = "a-password-of-the-tests"


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (BusSettings, {"rabbitmq_url": f"amqp://u:{HIDDEN}@x/"}),
        (StoreSettings, {"database_url": f"postgresql://u:{HIDDEN}@x/y"}),
        (VoiceSettings, {"openai_api_key": HIDDEN, "edge_proxy": f"http://u:{HIDDEN}@x"}),
    ],
)
def test_no_password_is_in_printed_settings(
    kind: type[Settings], values: dict[str, object]
) -> None:
    settings = kind(_env_file=None, **values)  # type: ignore[call-arg]

    assert all(value in settings.model_dump().values() for value in values.values())
    assert HIDDEN not in repr(settings)
    assert HIDDEN not in str(settings)
