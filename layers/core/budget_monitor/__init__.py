"""Budget Monitor: holds, records and reports the money that AI agents spend, exactly."""
