"""Metrics are printed as the original prints them, and those of several processes add up."""

import json

from noria_serving.server.metrics import Metrics


def counted(*seconds: float) -> Metrics:
    metrics = Metrics()
    for value in seconds:
        metrics.request_count.add("m", "OK")
        metrics.wrapped_run_count.add()
        metrics.request_latency.add(value * 1e6, "m", "predict", "REST")
        metrics.graph_run_time_usecs_histogram.add(value * 1e6)
    return metrics


def test_the_metrics_of_several_processes_are_those_of_one() -> None:
    total = Metrics()
    for metrics in (counted(0.001, 0.5), counted(0.25), counted()):
        total.absorb(json.loads(json.dumps(metrics.counts())))
    assert total.page() == counted(0.001, 0.5, 0.25).page()


def test_the_page_has_types_and_no_help() -> None:
    lines = counted(0.5, 0.25).page().splitlines()
    assert "# TYPE :tensorflow:serving:request_count counter" in lines
    assert ':tensorflow:serving:request_count{model_name="m",status="OK"} 2' in lines
    assert ":tensorflow:core:graph_runs{} 2" in lines
    assert ":tensorflow:core:graph_run_time_usecs{} 750000" in lines
    assert ':tensorflow:core:graph_run_time_usecs_histogram_bucket{le="256000"} 1' in lines
    assert not any(line.startswith("# HELP") for line in lines)
