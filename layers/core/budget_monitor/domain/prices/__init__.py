"""Prices: what a unit of usage costs in USD, where that comes from, and what a call costs."""
