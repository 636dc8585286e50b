"""Who makes pictures and footage for new runs, and whether it may be pinned; without any provider's
SDK, so that API and worker both ask here.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from shared.engines import FOOTAGE_MAKER, IMAGE_MAKER
from shared.errors import ServiceError
from shared.messages.base import Aspect
from shared.provider_key import KeyQuestion, models_question
from shared.runtime.settings import FootageSettings, ImageSettings

_OPENAI: Final = "https://api.openai.com/v1"
_ASPECTS: Final[tuple[Aspect, ...]] = ("16:9", "9:16", "1:1")
# Jobs have UUIDs: the nil one is nobody's.
_NO_JOB: Final = "00000000-0000-0000-0000-000000000000"


class ImageNotConfiguredError(ServiceError):
    """A setting is missing; ``detail`` names its variable."""

    code = "image_not_configured"


class FootageNotConfiguredError(ServiceError):
    """A setting is missing; ``detail`` names its variable."""

    code = "footage_not_configured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Everything about a configured model. ``sizes`` is empty where none is asked for."""

    engine: str
    base_url: str
    model: str
    sizes: dict[Aspect, str]


def image_engine(settings: ImageSettings) -> str:
    """The engine that a new run pins, empty where pictures are off; raises
    ImageNotConfiguredError.
    """
    return "" if settings.image == "off" else image_terms(settings).engine


def image_terms(settings: ImageSettings) -> Terms:
    """Raises ImageNotConfiguredError, naming every variable that is missing or wrong."""
    base_url = (settings.image_base_url or _usual(settings)).rstrip("/")
    missing = [] if settings.image_model else ["IMAGE_MODEL"]
    if settings.image == "openai" and not settings.image_api_key:
        missing.append("IMAGE_API_KEY")
    if not base_url:
        missing.append("IMAGE_BASE_URL")
    if missing:
        raise ImageNotConfiguredError(f"IMAGE={settings.image} needs {', '.join(missing)}")
    place = place_of(base_url)
    if not place:
        raise ImageNotConfiguredError("IMAGE_BASE_URL is no http(s) address")
    named = "openai" if base_url == _OPENAI else place
    return Terms(
        engine=f"{IMAGE_MAKER}:{named}/{settings.image_model}",
        base_url=base_url,
        model=settings.image_model,
        sizes=_sizes(settings.image_sizes),
    )


async def check_image_key(settings: ImageSettings) -> bool:
    """As ``KeyQuestion.taken``; without a key there is nothing to ask."""
    if settings.image == "off" or not settings.image_api_key:
        return True
    terms = image_terms(settings)
    return await models_question(terms.base_url, settings.image_api_key, "IMAGE_API_KEY").taken()


def footage_engine(settings: FootageSettings) -> str:
    """The engine that a new run pins, empty where footage is off; raises
    FootageNotConfiguredError.
    """
    return "" if settings.footage == "off" else footage_terms(settings).engine


def footage_terms(settings: FootageSettings) -> Terms:
    """Raises FootageNotConfiguredError, naming every variable that is missing or wrong."""
    needed = {
        "FOOTAGE_MODEL": settings.footage_model,
        "FOOTAGE_API_KEY": settings.footage_api_key,
        "FOOTAGE_BASE_URL": settings.footage_base_url,
    }
    if missing := [name for name, value in needed.items() if not value]:
        raise FootageNotConfiguredError(f"FOOTAGE={settings.footage} needs {', '.join(missing)}")
    base_url = settings.footage_base_url.rstrip("/")
    place = place_of(base_url)
    if not place:
        raise FootageNotConfiguredError("FOOTAGE_BASE_URL is no http(s) address")
    usual = FootageSettings.model_fields["footage_base_url"].default
    named = settings.footage if base_url == usual else place
    return Terms(
        engine=f"{FOOTAGE_MAKER}:{named}/{settings.footage_model}",
        base_url=base_url,
        model=settings.footage_model,
        sizes=_sizes(settings.footage_sizes),
    )


async def check_footage_key(settings: FootageSettings) -> bool:
    """As ``KeyQuestion.taken``, by asking for a job that does not exist: DashScope has no list of
    models. A good key hears that the job is unknown; 403 may be about the model, not the key.
    """
    if settings.footage == "off":
        return True
    question = KeyQuestion(
        address=f"{footage_terms(settings).base_url}/tasks/{_NO_JOB}",
        key=settings.footage_api_key,
        variable="FOOTAGE_API_KEY",
        refusals=frozenset({401}),
    )
    return await question.taken()


def _sizes(listed: str) -> dict[Aspect, str]:
    return dict(zip(_ASPECTS, listed.split(","), strict=True)) if listed else {}


def place_of(base_url: str) -> str:
    """Host and port, without credentials; empty for what is no http(s) address."""
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    return parts.netloc.rpartition("@")[2]


def _usual(settings: ImageSettings) -> str:
    return _OPENAI if settings.image == "openai" else ""
