"""Folds facts into the state that everybody reads; decides what follows."""
