"""Flags are parsed as tensorflow_model_server parses them."""

from dataclasses import fields
from typing import Any

import pytest

from noria_serving.server.flags import BadValue, Flags, parse, usage


def test_there_are_the_48_flags_and_one_more_with_their_defaults() -> None:
    flags, unknown = parse([])
    assert (len(fields(Flags)), unknown) == (48 + 1, [])
    assert not flags.enable_reload_config_requests
    assert (flags.port, flags.rest_api_port, flags.model_name, flags.saved_model_tags) == (8500, 0, "default", "serve")
    assert (flags.max_num_load_retries, flags.load_retry_interval_micros) == (5, 60_000_000)
    assert (flags.file_system_poll_wait_seconds, flags.rest_api_timeout_in_ms) == (1, 30_000)
    assert flags.enable_model_warmup
    assert flags.enable_profiler


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        (["--port=1"], "port", 1),
        (["--port=1", "--port=2"], "port", 2),
        (["--port=-1"], "port", -1),
        (["--enable_batching"], "enable_batching", True),
        (["--enable_batching=TRUE"], "enable_batching", True),
        (["--enable_batching=1"], "enable_batching", True),
        (["--enable_model_warmup=False"], "enable_model_warmup", False),
        (["--enable_model_warmup=0"], "enable_model_warmup", False),
        (["--model_name="], "model_name", ""),
        (["--model_name=a=b"], "model_name", "a=b"),
        (["--per_process_gpu_memory_fraction=.5"], "per_process_gpu_memory_fraction", 0.5),
    ],
)
def test_a_value_is_read(arguments: list[str], name: str, value: Any) -> None:
    flags, unknown = parse(arguments)
    assert (getattr(flags, name), unknown) == (value, [])


@pytest.mark.parametrize("argument", ["--port=", "--port=1x", "--port=1.5", "--enable_batching=yes"])
def test_a_value_that_cannot_be_read_is_told(argument: str) -> None:
    name, _, value = argument.removeprefix("--").partition("=")
    with pytest.raises(BadValue, match=rf"Couldn't interpret value {value} for flag {name}\."):
        parse([argument])


@pytest.mark.parametrize("argument", ["--nope=1", "--nope", "model", "-port=1", "--port", "port=1"])
def test_what_is_no_flag_is_left_over(argument: str) -> None:
    flags, unknown = parse([argument])
    assert (flags, unknown) == (Flags(), [argument])


def test_the_usage_names_every_flag() -> None:
    text = usage("noria-server")
    assert all(f"--{flag.name}=" in text for flag in fields(Flags))
    assert "--port=8500" in text
    assert '--model_name="default"' in text
    assert "--enable_batching=false" in text
