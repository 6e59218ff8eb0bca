import math
import resource
import time
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from noria.contract import Configuration, FailureKind, Metric, Task
from noria_trainers.choice.learned import pick, similarity
from noria_trainers.choice.learned.choose import Choice, LearnedOptions, choose
from noria_trainers.choice.learned.completion import complete
from noria_trainers.choice.learned.evidence import Evidence, Observation, landmarker
from noria_trainers.choice.learned.kinship import kinship
from noria_trainers.experience.result import Protocol, Result, Score

QUICK = LearnedOptions(trees=20)


def _space(count: int = 12) -> list[Configuration]:
    return [Configuration(family=f"family-{n % 3}", parameters={"width": n}) for n in range(count)]


def _evidence(datasets: int, space: list[Configuration], seed: int = 0, results: int | None = None) -> Evidence:
    """Even datasets like the first half of the space, odd ones the second; `size` tells which is which."""
    random = np.random.default_rng(seed)
    observations, features = [], {}
    for number in range(datasets):
        name = f"dataset-{number:05d}"
        features[name] = {"size": float(number % 2) + 0.1 * random.random(), "classes": float(random.integers(2, 9))}
        trained = random.permutation(len(space))[: results or len(space)]
        for column in trained:
            likes = (column < len(space) / 2) == (number % 2 == 0)
            observations.append(Observation(name, space[column], 0.6 + 0.2 * likes + 0.05 * random.random()))
    return Evidence(tuple(observations), features, (0.0, 1.0))


def _ids(choice: Choice) -> list[str]:
    return [each.configuration.id for each in choice.picks]


def test_datasets_alike_decide() -> None:
    space = _space()
    evidence = _evidence(40, space)
    first = choose({"size": 0.05, "classes": 3.0}, space, evidence, options=QUICK)
    second = choose({"size": 1.05, "classes": 3.0}, space, evidence, options=QUICK)
    assert first.strategy == second.strategy == "MetaLearned"
    assert first.picks[0].configuration in space[:6]
    assert second.picks[0].configuration in space[6:]
    assert all(int(name[-5:]) % 2 == 0 for name in first.nearest)


def test_five_results_for_each_dataset_are_enough_to_tell_them_apart() -> None:
    space = _space()
    evidence = _evidence(200, space, results=5)
    assert choose({"size": 0.05, "classes": 3.0}, space, evidence, options=QUICK).picks[0].configuration in space[:6]


def test_the_choice_says_what_it_rests_on() -> None:
    space = _space()
    choice = choose({"size": 7.0, "classes": 3.0}, space, _evidence(40, space), options=QUICK)
    assert choice.outside == ("size",)
    assert choice.basis.startswith("480 results on 40 datasets; nearest: dataset-")
    assert "outside the known range: size" in choice.basis
    best = choice.picks[0]
    assert best.score is not None
    assert best.spread is not None
    assert 0.75 < best.score < 0.9
    assert all(0 < len(each.why) <= 120 for each in choice.picks)


@pytest.mark.parametrize(
    ("datasets", "strategy"),
    [(0, "FixedList"), (2, "FixedList"), (3, "GreedyPortfolio"), (5, "GreedyPortfolio"), (6, "MetaLearned")],
)
def test_a_cold_start_falls_back(datasets: int, strategy: str) -> None:
    space = _space()
    fixed = [Configuration(family="gone"), space[7], space[2]]
    choice = choose({"size": 0.05}, space, _evidence(datasets, space), fixed=fixed, options=QUICK)
    assert choice.strategy == strategy or (strategy, choice.strategy) == ("MetaLearned", "GreedyPortfolio")
    assert len(set(_ids(choice))) == 5
    if strategy == "FixedList":
        assert _ids(choice)[:2] == [space[7].id, space[2].id]


def test_no_meta_feature_in_common_means_the_portfolio() -> None:
    space = _space()
    evidence = _evidence(20, space)
    blind = choose({"somethingElse": 1.0}, space, evidence, options=QUICK)
    portfolio = choose({}, space, evidence, options=LearnedOptions(learned_from=1000))
    assert _ids(blind) == _ids(portfolio)


def test_what_a_dataset_lacks_is_neither_zero_nor_a_mark_of_it() -> None:
    random = np.random.default_rng(0)
    quick = [{"quick": 0.9 + 0.01 * random.random()} if number % 2 else {} for number in range(400)]
    found = similarity.common_features({"quick": 0.95, "nobodyHas": 1.0}, quick, seed=0)
    assert found.names == ("quick",)
    assert found.known.min() >= 0.9
    lacking, having = found.known[::2, 0], found.known[1::2, 0]
    assert set(lacking) <= set(having)
    assert abs(lacking.mean() - having.mean()) < 0.001
    rare = similarity.common_features({"quick": 0.95}, [*quick[:20], *[{}] * 100], seed=0)
    assert rare.names == (), "what few datasets have tells nothing of the others"


def test_copies_in_effect_are_chosen_once() -> None:
    space = _space()
    evidence = _evidence(30, space)
    twin = Configuration(family="family-0", parameters={"width": 99})
    copied = [*evidence.observations, *(Observation(d, twin, s) for d, c, s in evidence.observations if c == space[0])]
    choice = choose({"size": 0.0}, [*space, twin], Evidence(copied, evidence.features), k=10, options=QUICK)
    assert len(_ids(choice)) == 10
    assert not {twin.id, space[0].id} <= set(_ids(choice))


def test_a_landmarker_is_chosen_only_where_that_is_wanted() -> None:
    space = _space()
    evidence = _evidence(40, space)
    best = choose({"size": 0.05}, space, evidence, options=QUICK).picks[0].configuration
    profile = {"size": 0.05, landmarker(best): 0.8}
    assert best.id not in _ids(choose(profile, space, evidence, options=QUICK))
    assert best.id in _ids(choose(profile, space, evidence, options=LearnedOptions(trees=20, landmarkers_too=True)))


def test_exploration_spends_the_last_one_on_what_is_little_known() -> None:
    space = _space()
    evidence = _evidence(40, space)
    untried = Configuration(family="family-9")
    exploring = LearnedOptions(trees=20, exploration=1.0)
    plain = choose({"size": 0.05}, [*space, untried], evidence, options=QUICK)
    choice = choose({"size": 0.05}, [*space, untried], evidence, options=exploring)
    assert _ids(choice)[:4] == _ids(plain)[:4]
    assert _ids(choice)[4] == untried.id
    assert choice.explored
    assert "exploration: known on" in choice.picks[4].why
    shares = [
        choose({}, space, evidence, seed=seed, options=LearnedOptions(exploration=0.3, learned_from=1000)).explored
        for seed in range(100)
    ]
    assert 15 <= sum(shares) <= 45


def _result(value: float, configuration: Configuration, failure: FailureKind | None = None) -> Result:
    protocol = Protocol(trainer="1", split="a", budget="cpu", seed=0, objective=Metric.LOG_LOSS)
    scores = () if failure else (Score(metric=Metric.LOG_LOSS, value=value, higher_is_better=False),)
    return Result(
        task=Task.TABULAR_CLASSIFICATION,
        revision="r1",
        meta_features={"size": 1.0},
        configuration=configuration,
        protocol=protocol,
        scores=scores,
        failure=failure,
    )


def test_results_become_evidence_with_their_direction_and_failures_are_the_worst() -> None:
    space = _space(4)
    results = [_result(0.3, space[0]), _result(0.9, space[1]), _result(0, space[2], FailureKind.CRASHED)]
    evidence = Evidence.of(results[:2], Metric.LOG_LOSS).record(results[2], Metric.LOG_LOSS)
    assert evidence == Evidence.of(results, Metric.LOG_LOSS)
    grid = evidence.grid(space)
    assert grid.scores[0, :3].tolist() == [-0.3, -0.9, -0.9]
    assert math.isnan(grid.scores[0, 3])
    assert Evidence.of(results, Metric.ACCURACY).grid(space).results == 0


def test_hostile_rows_are_set_aside_and_counted() -> None:
    space = _space()
    evidence = _evidence(10, space)
    hostile = [
        Observation("dataset-00001", Configuration(family="unknown"), 0.9),
        Observation("dataset-00001", Configuration(family="family-0"), 0.9),  # its parameter is missing
        Observation("dataset-00001", space[0], math.nan),
        Observation("dataset-00001", space[0], math.inf),
        Observation("dataset-00001", space[0], 17.0),
        Observation("lonely", space[0], 0.5),
    ]
    features = {**evidence.features, "lonely": {"size": math.nan}, "dataset-00002": {"size": math.inf}}
    whole = choose({"size": 0.05, "odd": math.nan}, space, evidence, options=QUICK)
    mixed = choose(
        {"size": 0.05}, space, Evidence([*hostile, *evidence.observations], features, (0.0, 1.0)), options=QUICK
    )
    assert mixed.set_aside == {
        "alone on their dataset": 1,
        "without a valid score": 3,
        "of configurations outside the space": 2,
    }
    assert mixed.results == whole.results
    assert "2 of configurations outside the space" in mixed.basis


_SCORE = st.one_of(st.floats(0, 1), st.floats(), st.none())
_FEATURES = st.dictionaries(st.sampled_from("abcd"), st.floats(), max_size=4)


@st.composite
def _worlds(draw: st.DrawFn) -> tuple[list[Configuration], Evidence, dict[str, float]]:
    space = _space(draw(st.integers(1, 9)))
    names = [f"d{n}" for n in range(draw(st.integers(0, 9)))]
    rows = st.tuples(st.sampled_from(names or ["d"]), st.sampled_from([*space, Configuration(family="x")]), _SCORE)
    observations = [Observation(*row) for row in draw(st.lists(rows, max_size=60))]
    return space, Evidence(observations, {name: draw(_FEATURES) for name in names}, (0.0, 1.0)), draw(_FEATURES)


@settings(max_examples=60, deadline=None)
@given(world=_worlds(), random=st.randoms(use_true_random=False), exploration=st.sampled_from([0.0, 1.0]))
def test_any_evidence_gives_distinct_valid_configurations_in_whatever_order_it_comes(
    world: tuple[list[Configuration], Evidence, dict[str, float]], random: Random, exploration: float
) -> None:
    space, evidence, profile = world
    few = LearnedOptions(trees=5, exploration=exploration)
    choice = choose(profile, space, evidence, options=few)
    assert len(set(_ids(choice))) == len(choice.picks)
    assert set(_ids(choice)) <= {each.id for each in space}
    assert choice.picks
    shuffled = random.sample(list(evidence.observations), len(evidence.observations))
    again = choose(
        profile,
        random.sample(space, len(space)),
        Evidence(shuffled, dict(reversed(list(evidence.features.items()))), evidence.bounds),
        options=few,
    )
    assert again == choice


@st.composite
def _worlds_with_copies(draw: st.DrawFn) -> tuple[list[Configuration], Evidence]:
    """Whole rows in which some configurations score like another one everywhere."""
    space, names = _space(draw(st.integers(2, 10))), [f"d{n}" for n in range(draw(st.integers(3, 8)))]
    like = [draw(st.integers(0, column)) for column in range(len(space))]
    scores = np.random.default_rng(draw(st.integers(0, 99))).random((len(names), len(space)))[:, like]
    cells = [Observation(names[d], space[c], float(scores[d, c])) for d, c in np.ndindex(scores.shape)]
    return space, Evidence(cells, {name: {"size": draw(st.floats(0, 1))} for name in names}, (0.0, 1.0))


@settings(max_examples=40, deadline=None)
@given(world=_worlds_with_copies(), exploration=st.sampled_from([0.0, 1.0]))
def test_five_distinct_in_effect_wherever_the_space_has_them(
    world: tuple[list[Configuration], Evidence], exploration: float
) -> None:
    space, evidence = world
    ids = _ids(choose({"size": 0.5}, space, evidence, options=LearnedOptions(trees=5, exploration=exploration)))
    ordered = sorted(each.id for each in space)
    scores = evidence.grid(sorted(space, key=lambda each: each.id)).scores
    effects = {each: tuple(scores[:, ordered.index(each)]) for each in ordered}
    assert len({effects[each] for each in ids}) == len(ids) == min(5, len(set(effects.values())))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), datasets=st.integers(6, 30), size=st.floats(-1, 2))
def test_never_worse_in_expectation_than_the_portfolio_and_five_of_them(seed: int, datasets: int, size: float) -> None:
    """Under its own weights; scores are continuous, so no two configurations are copies."""
    space = _space()
    random = np.random.default_rng(seed)
    features = {f"d{n:02d}": {"size": float(random.random())} for n in range(datasets)}
    scores = random.random((datasets, len(space)))
    cells = [Observation(f"d{n:02d}", space[c], float(scores[n, c])) for n in range(datasets) for c in range(12)]
    evidence = Evidence(cells, features, (0.0, 1.0))
    choice = choose({"size": size}, space, evidence, options=QUICK)
    assert len(choice.picks) == 5
    assert choice.shortfall is not None
    assert choice.shortfall >= _portfolio_shortfall(space, evidence, size) - 1e-9


def _portfolio_shortfall(space: list[Configuration], evidence: Evidence, size: float) -> float:
    """The portfolio's expectation under the weights that the choice used."""
    ordered = sorted(space, key=lambda each: each.id)
    grid = evidence.grid(ordered)
    table = complete(grid.scores, kinship(ordered))
    found = similarity.common_features({"size": size}, [evidence.features[each] for each in grid.datasets], 0)
    weights = similarity.weigh(found, table.position, trees=QUICK.trees, seed=0)
    plain = choose({}, space, evidence, options=LearnedOptions(learned_from=1000))
    columns = [[each.id for each in ordered].index(chosen) for chosen in _ids(plain)]
    return pick.expected(table.futures(), weights, columns)


def test_a_hundred_thousand_results_take_less_than_ten_seconds_of_one_core_and_a_gigabyte() -> None:
    space = _space(200)
    evidence = _evidence(20_000, space, results=5)
    assert len(evidence.observations) == 100_000
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with threadpool_limits(1):  # the time of all threads is counted, waiting ones too
        choice = choose({"size": 0.05, "classes": 3.0}, space, evidence)
    assert time.process_time() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000  # KiB
    assert choice.strategy == "MetaLearned"
    assert choice.picks[0].configuration in space[:100]
