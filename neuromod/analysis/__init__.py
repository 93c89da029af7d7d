"""Measures and figures: functions of arrays, which know nothing of how these were simulated."""
