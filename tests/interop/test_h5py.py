"""What `open_results` gives is what stands in the file, and there is something of every kind to compare."""

import numpy as np

SIGNALS = {
    "report/CELL_V": ("report/CELL_V/data", "sample_time"),
    "report/CELL_w": ("report/CELL_w/data", "sample_time"),
    "report/FAST_V": ("report/FAST_V/data", "sample_time"),
    "rates/CUE": ("neuromod/rates/CUE/rate", "time"),
    "rates/CELL": ("neuromod/rates/CELL/rate", "time"),
    "rates/FAST": ("neuromod/rates/FAST/rate", "time"),
    "rates/QUIET": ("neuromod/rates/QUIET/rate", "time"),
    "lfp/CELL": ("neuromod/lfp/CELL/lfp", "time"),
    "modulators/dopamine_striatum": ("neuromod/modulators/dopamine_striatum/level", "time"),
    "modulators/dopamine_striatum.rho_D1": ("neuromod/modulators/dopamine_striatum/rho_D1", "time"),
    "weights/CUE->CELL": ("neuromod/weights/CUE->CELL/weight", "time"),
    "weights/CUE->CELL.c": ("neuromod/weights/CUE->CELL/c", "time"),
}


def test_spikes_are_the_datasets(raw, results):
    assert list(results.populations) == list(raw["spikes"]) == ["CUE", "CELL", "FAST", "QUIET"]
    for name in results.populations:
        times, ids = results.spikes(name)
        assert np.array_equal(times, raw[f"spikes/{name}/timestamps"][()])
        assert np.array_equal(ids, raw[f"spikes/{name}/node_ids"][()])


def test_signals_are_the_datasets(raw, results):
    assert {signal.key for signal in results.signals} == SIGNALS.keys()
    for key, (name, scale) in SIGNALS.items():
        times, samples = results.signal(key)
        assert np.array_equal(samples, raw[name][()])
        assert np.array_equal(times, raw[name].parent[scale][()])


def test_the_run_has_something_of_every_kind(results):
    counts = {name: row.spikes for name, row in results.summary().items()}
    assert min(counts[name] for name in ("CUE", "CELL", "FAST")) > 200
    assert counts["QUIET"] == 0
    assert np.ptp(results.modulator("dopamine_striatum")[1]) > 1
    assert (np.ptp(results.weights("CUE->CELL")[1], axis=0) > 0).any()
    assert (np.ptp(results.report("CELL", "V")[1], axis=0) > 1).all()
    assert np.ptp(results.lfp("CELL")[1]) > 0
