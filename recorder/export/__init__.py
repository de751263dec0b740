"""The record handed over: what other tools take, one file per format."""
