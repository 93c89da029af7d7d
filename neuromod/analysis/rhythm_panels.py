"""The panels of the figures of rhythms: each function draws one measure into one pair of axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from neuromod.analysis.bands import Band, Floats, amplitude, band_pass
from neuromod.analysis.circular import circular_mean
from neuromod.analysis.coupling import Comodulogram, Coupling, bin_centres
from neuromod.analysis.palette import OKABE_ITO, colours
from neuromod.analysis.rhythms import FieldRhythms, PairCoherence, PopulationLocking
from neuromod.analysis.spectra import spectrogram

THETA, GAMMA, RAW = OKABE_ITO[0], OKABE_ITO[1], "0.55"
SHOWN = Band(1, 150)
MAX_WINDOWS = 150
"""Columns of a spectrogram of a whole run."""
MAP = "cividis"
"""Colours of maps: even steps of lightness, read alike with every common colour vision."""


def field(axes: Axes, one: FieldRhythms, band: Band, span: tuple[float, float]) -> None:
    """A field within a window, and its part in the band of theta."""
    inside = (one.times_ms >= span[0]) & (one.times_ms < span[1])
    mean = one.values.mean()
    slow = band_pass(one.values, one.rate_hz, band) + mean
    axes.plot(one.times_ms[inside], one.values[inside], color=RAW, linewidth=0.6, label="as recorded")
    axes.plot(one.times_ms[inside], slow[inside], color=THETA, label=f"theta, {band}")
    _beside(axes, "LFP proxy (pA)")


def fast(axes: Axes, one: FieldRhythms, band: Band, span: tuple[float, float]) -> None:
    """The part of a field in the band of gamma within a window, and its amplitude."""
    inside = (one.times_ms >= span[0]) & (one.times_ms < span[1])
    values = band_pass(one.values, one.rate_hz, band)
    envelope = amplitude(one.values, one.rate_hz, band)
    axes.plot(one.times_ms[inside], values[inside], color=GAMMA, linewidth=0.6, label=f"gamma, {band}")
    axes.plot(one.times_ms[inside], envelope[inside], color="0.2", label="its amplitude")
    _beside(axes, "gamma (pA)")


def _beside(axes: Axes, label: str) -> None:
    axes.set_ylabel(label)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.05), borderaxespad=0.3, labelspacing=0.25)


def spectrum(axes: Axes, one: FieldRhythms) -> None:
    """Power density, aperiodic background and peaks, in logarithmic axes."""
    shown = SHOWN.holds(one.spectrum.frequencies_hz)
    frequencies = one.spectrum.frequencies_hz[shown]
    axes.loglog(frequencies, one.spectrum.power[shown], color="0.2")
    axes.loglog(
        frequencies, one.aperiodic.power(frequencies), color="0.5", linestyle=(0, (4, 3)), label="background"
    )
    for peak, colour in ((one.theta, THETA), (one.gamma, GAMMA)):
        if peak:
            axes.plot(
                peak.frequency_hz,
                peak.power,
                "o",
                color=colour,
                markersize=4,
                label=f"{peak.frequency_hz:.1f} Hz",
            )
    axes.set_xticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
    axes.minorticks_off()
    axes.set_xlabel("frequency (Hz)")
    axes.set_ylabel("power (pA²/Hz)")
    axes.legend(loc="upper right", borderaxespad=0)


def comodulogram(axes: Axes, found: Comodulogram) -> None:
    """Modulation index of pairs of bands; a line surrounds what chance does not explain."""
    image = axes.pcolormesh(
        found.phase_hz,
        found.amplitude_hz,
        1e3 * found.index.T,
        cmap=MAP,
        shading="nearest",
        vmin=0,
        rasterized=True,
    )
    if found.index.max() > found.threshold > found.index.min():
        axes.contour(
            found.phase_hz,
            found.amplitude_hz,
            found.index.T,
            [found.threshold],
            colors="white",
            linewidths=0.8,
        )
    axes.set_xlabel("frequency of phase (Hz)")
    axes.set_ylabel("frequency of amplitude (Hz)")
    axes.figure.colorbar(image, ax=axes, label="MI (10⁻³)", pad=0.02, aspect=30)


def phase_histogram(axes: Axes, coupling: Coupling) -> None:
    """Gamma amplitude over two theta cycles, 1 is its mean; the line is a theta cycle, for the eye."""
    degrees = np.degrees(bin_centres(coupling.shares.size))
    both = np.concatenate([degrees, degrees + 360])
    relative = np.tile(coupling.shares * coupling.shares.size, 2)
    axes.bar(both, relative, width=360 / degrees.size, color=GAMMA, edgecolor="white", linewidth=0.3)
    cycle = np.linspace(-180, 540, 200)
    top = relative.max()
    axes.plot(
        cycle, 1 + 0.08 * np.cos(np.radians(cycle)) * top, color=THETA, linewidth=1.2, label="theta cycle"
    )
    axes.legend(loc="lower right", frameon=True, framealpha=0.8, edgecolor="none", borderpad=0.2)
    axes.set_title(f"MI {coupling.index:.2g}, p {coupling.p:.2g}", fontsize=7)
    _two_cycles(axes, "gamma amplitude / mean")
    axes.set_ylim(0, 1.05 * top)


def refusal(axes: Axes, reason: str, what: str = "modulation index") -> None:
    """In the place of a phase histogram, or of something else: why there is none."""
    words = reason.split()
    half = (len(words) + 1) // 2
    text = "\n".join([f"no {what}:", " ".join(words[:half]), " ".join(words[half:])])
    axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=7, transform=axes.transAxes)
    axes.set_axis_off()


def spike_phases(axes: Axes, locked: Sequence[PopulationLocking]) -> None:
    """Spikes of populations over two theta cycles, as rates relative to their means."""
    edges = np.linspace(-180, 180, 25)
    middles = (edges[1:] + edges[:-1]) / 2
    palette = colours(one.population for one in locked)
    for one in locked:
        counts = np.histogram(np.degrees(one.phases), edges)[0]
        if counts.sum():
            relative = np.tile(counts / counts.mean(), 2)
            both = np.concatenate([middles, middles + 360])
            mean = round(np.degrees(circular_mean(one.phases)))
            axes.plot(both, relative, color=palette[one.population], label=f"{one.population} {mean:+d}°")
    axes.axhline(1, color="0.7", linewidth=0.5, zorder=0)
    _two_cycles(axes, "spikes / mean")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.05), borderaxespad=0.3, labelspacing=0.25)


def _two_cycles(axes: Axes, label: str) -> None:
    axes.set_xlim(-180, 540)
    axes.set_xticks([-180, 0, 180, 360, 540])
    axes.set_xlabel("theta phase (deg)")
    axes.set_ylabel(label)


def power_over_time(axes: Axes, one: FieldRhythms) -> None:
    """Spectrogram, times the frequency, so that theta and gamma are seen together; in a long run means over
    as many windows as leave `MAX_WINDOWS`.
    """
    step = max(0.05, one.values.size / one.rate_hz / MAX_WINDOWS)
    frequencies, times, power = averaged(*spectrogram(one.values, one.rate_hz), step)
    shown = Band(2, 100).holds(frequencies)
    level = 10 * np.log10(power[shown] * frequencies[shown, None] + 1e-30)
    low, high = np.percentile(level, [5, 99.5])
    image = axes.pcolormesh(
        one.times_ms[0] + 1e3 * times,
        frequencies[shown],
        level,
        cmap=MAP,
        vmin=low,
        vmax=high,
        shading="nearest",
        rasterized=True,
    )
    axes.set_yscale("log")
    axes.set_yticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
    axes.minorticks_off()
    axes.set_ylabel("frequency (Hz)")
    axes.figure.colorbar(image, ax=axes, label="power x f (dB, pA²)", pad=0.01, aspect=15)


def averaged(
    frequencies: Floats, times: Floats, power: Floats, step_s: float
) -> tuple[Floats, Floats, Floats]:
    """A spectrogram (f, t) as means over successive windows of `step_s` in all; the last may have fewer."""
    block = max(1, round(step_s / (times[1] - times[0]))) if times.size > 1 else 1
    starts = np.arange(0, times.size, block)
    counts = np.diff(np.append(starts, times.size))
    mean: Floats = np.add.reduceat(power, starts, axis=1) / counts
    return frequencies, np.add.reduceat(times, starts) / counts, mean


def coherence(axes: Axes, pair: PairCoherence) -> None:
    """Coherence of two fields, with its level of chance and what paired windows leave."""
    shown = Band(1, 100).holds(pair.coherence.frequencies_hz)
    frequencies: Floats = pair.coherence.frequencies_hz[shown]
    axes.semilogx(frequencies, pair.coherence.squared[shown], color=OKABE_ITO[0], label="coherence")
    axes.semilogx(frequencies, pair.shuffled[shown], color=OKABE_ITO[1], label="windows paired anew")
    axes.axhline(pair.coherence.level, color="0.3", linewidth=0.7, linestyle=(0, (4, 3)), label="chance, 5 %")
    axes.set_xticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
    axes.minorticks_off()
    axes.set_xlim(1, 100)
    axes.set_ylim(0, 1)
    axes.set_title(f"{pair.first} and {pair.second}", fontsize=7)
    axes.set_xlabel("frequency (Hz)")
    axes.set_ylabel("coherence")
