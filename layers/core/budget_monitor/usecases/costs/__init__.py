"""Record, settle, batch, adjust, reprice and review costs."""
