import numpy as np
import pytest

from neuromod.config.values import read_drawn
from neuromod.plan.draws import Known, sample, spread_of, try_out
from neuromod.units import parse_unit

VOLT = parse_unit("V").dimension
SIEMENS = parse_unit("S").dimension


def drawn(raw, dimension=SIEMENS, names=None, size=20_000):
    return sample(np.random.default_rng(1), spread_of(read_drawn(raw), dimension, names), size)


def test_a_plain_value_is_the_same_for_all():
    assert drawn("2 nS", size=3).tolist() == [2e-9] * 3


def test_uniform_numbers_fill_the_range_between_named_bounds():
    names = {"EL": Known(np.linspace(-0.07, -0.06, 20_000), VOLT), "VT": Known(-0.05, VOLT)}
    values = drawn({"uniform": ["EL", "VT"]}, VOLT, names)
    assert (values >= names["EL"].value).all()
    assert (values <= -0.05).all()
    assert values.mean() == pytest.approx(-0.0575, abs=2e-4)


def test_normal_numbers_have_the_mean_and_width_given():
    values = drawn({"normal": ["10 nS", "1 nS"]})
    assert values.mean() == pytest.approx(1e-8, rel=0.005)
    assert values.std() == pytest.approx(1e-9, rel=0.03)


def test_lognormal_mean_and_width_are_those_of_the_value_itself():
    values = drawn({"lognormal": ["10 nS", "5 nS"]}, size=200_000)
    assert values.mean() == pytest.approx(1e-8, rel=0.01)
    assert values.std() == pytest.approx(5e-9, rel=0.05)
    assert values.min() > 0


def test_draws_outside_the_bounds_are_drawn_again():
    values = drawn({"normal": ["1 nS", "1 nS"], "low": "0 nS", "high": "2 nS"})
    assert values.min() >= 0
    assert values.max() <= 2e-9
    assert values.mean() == pytest.approx(1e-9, rel=0.02)


def test_a_one_sided_normal_keeps_the_sign_of_its_mean():
    for mean, sign in (("1 nS", 1), ("-1 nS", -1)):
        spread = spread_of(read_drawn({"normal": [mean, "2 nS"]}), SIEMENS).one_sided()
        assert (sign * sample(np.random.default_rng(2), spread, 1000) >= 0).all()


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("3 mV", "got a voltage, allowed is a conductance"),
        ({"uniform": ["2 nS", "1 nS"]}, "above the upper bound"),
        ({"uniform": ["gL", "1 nS"]}, "unknown name `gL`"),
        ({"normal": ["2 nS", "-1 nS"]}, "negative standard deviation"),
        ({"normal": ["2 nS", "1 nS"], "low": "3 nS", "high": "2 nS"}, "`low` above `high`"),
        ({"lognormal": ["0 nS", "1 nS"]}, "not positive"),
    ],
)
def test_what_is_no_distribution_is_refused(raw, message):
    with pytest.raises(ValueError, match=message):
        spread_of(read_drawn(raw), SIEMENS)


def test_bounds_in_the_far_tail_are_refused_instead_of_drawing_for_ever():
    spread = spread_of(read_drawn({"normal": ["0 nS", "1 nS"], "low": "9 nS"}), SIEMENS)
    with pytest.raises(ValueError, match="leave out nearly every draw"):
        try_out(spread)


def test_a_hundred_thousand_draws_from_the_far_tail_are_given_up_soon():
    spread = spread_of(read_drawn({"normal": ["0 nS", "1 nS"], "low": "9 nS"}), SIEMENS)
    with pytest.raises(ValueError, match="leave out nearly every draw"):
        sample(np.random.default_rng(0), spread, 100_000)


def test_the_same_number_for_all_takes_the_memory_of_one():
    assert sample(np.random.default_rng(0), 2.0, 100_000_000).strides == (0,)
