"""Which writer a new run pins, and whether it may be pinned; without any provider's SDK, so that
API and worker both ask here.
"""

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from shared.engines import OFFLINE_WRITER
from shared.errors import ServiceError
from shared.provider_key import models_question
from shared.runtime.settings import WriterSettings

LLM_WRITER: Final = "llm-1"
Form = Literal["json_schema", "json_object"]


class WriterNotConfiguredError(ServiceError):
    """A setting is missing; ``detail`` names its variable."""

    code = "writer_not_configured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What is known of a provider: its address, and which structured output it speaks.

    ``charges``: its calls cost money, so each has a receipt. ``max_tokens`` is asked for where the
    provider's own default is too short for a script.
    """

    base_url: str
    form: Form = "json_object"
    needs_key: bool = True
    charges: bool = True
    max_tokens: int | None = None


PRESETS: Final[dict[str, Preset]] = {
    "openai": Preset(base_url="https://api.openai.com/v1", form="json_schema"),
    "deepseek": Preset(base_url="https://api.deepseek.com", max_tokens=8_000),
    "qwen": Preset(base_url="https://dashscope.aliyuncs.com/compatible-mode/v1"),
    "moonshot": Preset(base_url="https://api.moonshot.cn/v1", max_tokens=8_000),
    "ollama": Preset(
        base_url="http://127.0.0.1:11434/v1", form="json_schema", needs_key=False, charges=False
    ),
    "custom": Preset(base_url="", form="json_schema", needs_key=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmTerms:
    """The settings of a language model, preset and wishes put together."""

    engine: str
    base_url: str
    model: str
    form: Form
    charges: bool
    max_tokens: int | None


def writer_engine(settings: WriterSettings) -> str:
    """The engine that a new run pins; raises WriterNotConfiguredError as ``check_writer``."""
    return OFFLINE_WRITER if settings.writer == "offline" else llm_terms(settings).engine


def check_writer(settings: WriterSettings) -> None:
    """Raises WriterNotConfiguredError, naming every variable that is missing or wrong."""
    preset = PRESETS.get(settings.writer)
    if preset is None:
        return
    missing = [] if settings.llm_model else ["LLM_MODEL"]
    if preset.needs_key and not settings.llm_api_key:
        missing.append("LLM_API_KEY")
    address = settings.llm_base_url or preset.base_url
    if not address:
        missing.append("LLM_BASE_URL")
    if missing:
        raise WriterNotConfiguredError(f"WRITER={settings.writer} needs {', '.join(missing)}")
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise WriterNotConfiguredError("LLM_BASE_URL is no http(s) address")


def llm_terms(settings: WriterSettings) -> LlmTerms:
    """Everything about the configured model; raises WriterNotConfiguredError."""
    check_writer(settings)
    preset = PRESETS[settings.writer]
    base_url = (settings.llm_base_url or preset.base_url).rstrip("/")
    own = settings.writer == "custom" or base_url != preset.base_url
    place = urlsplit(base_url).netloc.rpartition("@")[2] if own else settings.writer
    return LlmTerms(
        engine=f"{LLM_WRITER}:{place}/{settings.llm_model}",
        base_url=base_url,
        model=settings.llm_model,
        form=preset.form if settings.llm_format == "auto" else settings.llm_format,
        charges=preset.charges if settings.llm_charges is None else settings.llm_charges,
        max_tokens=settings.llm_max_tokens or preset.max_tokens,
    )


async def check_key(settings: WriterSettings) -> bool:
    """As ``KeyQuestion.taken``; without a key there is nothing to ask."""
    if settings.writer == "offline" or not settings.llm_api_key:
        return True
    terms = llm_terms(settings)
    return await models_question(terms.base_url, settings.llm_api_key, "LLM_API_KEY").taken()
