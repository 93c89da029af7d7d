"""What stands below the figures and above the tables."""

from __future__ import annotations

from neuromod.store.analysis import Table

EVIDENCE = (
    "Evidence: V read in the source, P pilot simulation, M from memory of the literature, D design choice. "
    "Targets are those of the quiet circuit: a task may rightly move a population out of them."
)
CIRCUIT = {
    "circuit": (
        "The circuit as it was planned. Populations, with their number of cells, stand by region on a "
        "circle; arrows excite and dots inhibit, colours are receptors. A star marks a projection whose "
        "weights a rule changes. Below the name of a region are the neuromodulators that act there, where "
        "there is room; diamonds release them."
    ),
    "connections": (
        "All projections: from the population of the row to that of the column. Numbers are synapses per "
        "target cell in the mean, a star marks a rule that changes the weights."
    ),
}
BEHAVIOUR = (
    "The trials of the task: the action that was chosen and the one that was correct; how often they "
    "agreed, and what was earned, in the mean of the last trials; what the critic expected when the outcome "
    "came, and by how much it was wrong."
)
OVERVIEW = (
    "The whole run: spikes (at most 60 cells of a population; paler where there are many), rates, field, "
    "neuromodulators and weights on one time axis."
)
RHYTHMS = (
    "A field and its rhythms. Spikes, field and gamma of one second; power spectrum with the aperiodic "
    "background and the peaks that exceed it; comodulogram, the white line surrounding what chance does not "
    "explain; gamma amplitude and spikes over the theta cycle (0 degrees is the peak of the field); "
    "spectrogram of the run."
)
COHERENCE = (
    "Magnitude-squared coherence of every two fields, what remains when windows are paired anew, and the "
    "level that independent fields exceed at one frequency in 5 % of cases."
)
EVENT = (
    "Means around the begin of an event, shaded with their standard error where there are several: rates of "
    "the populations that change most, the field and its power relative to the time before the event, and "
    "levels of neuromodulators. One event alone says little about power."
)
MODULATORS = (
    "Levels (1 is the tonic level of quiet waking) and signed drives of receptors (0 is tonic), of the "
    "neuromodulators whose level changes."
)
LEARNING = (
    "Weights before and after, the synapses that grew and shrank most and one between, and what they "
    "followed."
)
TABLES = {
    "fields": "Fields: peaks above the background, power, and coupling of gamma to theta.",
    "coherence": "Coherence in the theta band.",
    "spikes": "Spike trains: means over cells.",
    "locking": "Spikes and the theta phase.",
}


def of_table(table: Table) -> str:
    """Above a table of rhythms: what it is about, and what its columns are."""
    meanings = "; ".join(f"{c.name}: {c.long_name}" for c in table.columns if c.name != c.long_name)
    return f"{TABLES[table.name]} {meanings[:1].upper()}{meanings[1:]}."


def rates(start_s: float, stop_s: float) -> str:
    """Below the rates of a part of a run."""
    return f"Mean rates from {start_s:g} to {stop_s:g} s against the targets that the models state."
