"""Which writer a run pins, and the clear word when one is not configured."""

from contextlib import nullcontext
from typing import Any

import pytest
from pydantic import ValidationError

from shared.engines import OFFLINE_WRITER
from shared.runtime.settings import WriterSettings
from shared.writers import (
    PRESETS,
    WriterNotConfiguredError,
    check_writer,
    llm_terms,
    writer_engine,
)


def settings(**values: Any) -> WriterSettings:
    return WriterSettings(_env_file=None, **values)  # pyright: ignore[reportCallIssue]


def test_without_a_word_the_offline_writer_is_pinned() -> None:
    assert writer_engine(settings()) == OFFLINE_WRITER


@pytest.mark.parametrize(
    ("values", "engine"),
    [
        ({"writer": "openai", "llm_api_key": "k"}, "llm-1:openai/m"),
        ({"writer": "deepseek", "llm_api_key": "k"}, "llm-1:deepseek/m"),
        ({"writer": "qwen", "llm_api_key": "k"}, "llm-1:qwen/m"),
        ({"writer": "moonshot", "llm_api_key": "k"}, "llm-1:moonshot/m"),
        ({"writer": "ollama"}, "llm-1:ollama/m"),
        (
            {"writer": "ollama", "llm_base_url": "http://gpu.lan:11434/v1/"},
            "llm-1:gpu.lan:11434/m",
        ),
        (
            {"writer": "custom", "llm_base_url": "https://user:pw@llm.example.org/v1"},
            "llm-1:llm.example.org/m",
        ),
    ],
)
def test_the_engine_names_provider_and_model_and_no_secret(
    values: dict[str, Any], engine: str
) -> None:
    assert writer_engine(settings(llm_model="m", **values)) == engine


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"writer": "openai"}, ["LLM_MODEL", "LLM_API_KEY"]),
        ({"writer": "deepseek", "llm_model": "m"}, ["LLM_API_KEY"]),
        ({"writer": "ollama"}, ["LLM_MODEL"]),
        ({"writer": "custom", "llm_model": "m"}, ["LLM_BASE_URL"]),
        ({"writer": "custom", "llm_model": "m", "llm_base_url": "ftp://x"}, ["LLM_BASE_URL"]),
    ],
)
def test_what_is_missing_is_named(values: dict[str, Any], missing: list[str]) -> None:
    with pytest.raises(WriterNotConfiguredError) as caught:
        check_writer(settings(**values))

    assert caught.value.code == "writer_not_configured"
    assert all(name in caught.value.detail for name in missing)


def test_keys_and_addresses_are_never_printed() -> None:
    told = repr(settings(writer="custom", llm_api_key="sk-1", llm_base_url="http://u:pw@x/v1"))

    assert "sk-1" not in told
    assert "pw" not in told


@pytest.mark.parametrize(
    ("name", "address", "form", "key", "costs"),
    [
        ("openai", "https://api.openai.com/v1", "json_schema", "LLM_API_KEY", "money"),
        ("deepseek", "https://api.deepseek.com", "json_object", "LLM_API_KEY", "money"),
        (
            "qwen",
            "https://dashscope.aliyuncs.com/compatible-mode/v1",
            "json_object",
            "LLM_API_KEY",
            "money",
        ),
        ("moonshot", "https://api.moonshot.cn/v1", "json_object", "LLM_API_KEY", "money"),
        ("ollama", "http://127.0.0.1:11434/v1", "json_schema", None, "nothing"),
    ],
)
def test_the_presets_know_their_providers(
    name: str, address: str, form: str, key: str | None, costs: str
) -> None:
    bare = settings(writer=name, llm_model="m")
    terms = llm_terms(bare.model_copy(update={"llm_api_key": "k"}))

    assert (terms.base_url, terms.form) == (address, form)
    assert terms.charges is (costs == "money")
    with pytest.raises(WriterNotConfiguredError, match=key) if key else nullcontext():
        check_writer(bare)


def test_a_script_s_call_may_take_ten_minutes_and_no_longer() -> None:
    assert settings().llm_timeout_s == 600
    with pytest.raises(ValidationError):
        settings(llm_timeout_s=601)


def test_only_a_model_of_one_s_own_is_free() -> None:
    free = {
        name
        for name in PRESETS
        if not llm_terms(
            settings(writer=name, llm_model="m", llm_api_key="k", llm_base_url="http://x/v1")
        ).charges
    }

    assert free == {"ollama"}


def test_every_writer_of_the_settings_has_a_preset() -> None:
    choices = WriterSettings.model_fields["writer"].annotation
    assert set(choices.__args__) - {"offline"} == set(PRESETS)  # type: ignore[union-attr]
