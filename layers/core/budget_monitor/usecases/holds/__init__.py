"""Check, reserve, extend, release and expire holds; the shadow report."""
