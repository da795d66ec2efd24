"""From usage to USD, and the prices that people set."""
