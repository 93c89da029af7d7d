"""The version of neuromod: one line, read here by the code and by the build of the wheel."""

VERSION = "0.1.0"
