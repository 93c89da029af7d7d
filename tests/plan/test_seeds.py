from neuromod.plan.seeds import population_hash, stream


def test_a_stream_is_the_same_for_the_same_seed_and_name():
    assert stream(7, "E/initial/V").random(5).tolist() == stream(7, "E/initial/V").random(5).tolist()


def test_streams_of_other_names_and_other_seeds_differ():
    draws = {stream(seed, name).integers(2**62) for seed in (0, 1) for name in ("a", "b", "ab", "")}
    assert len(draws) == 8


def test_streams_do_not_change_between_releases():
    assert stream(0, "E->I/pairs").integers(1000, size=4).tolist() == [522, 184, 14, 263]


def test_population_hashes_are_non_negative_32_bit_numbers_and_differ():
    hashes = {population_hash(f"P{k}") for k in range(1000)}
    assert len(hashes) == 1000
    assert all(0 <= number < 2**31 for number in hashes)
