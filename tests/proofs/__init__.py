"""Proofs of the README's features: each names its test, and that test fails once the feature's handler does nothing."""
