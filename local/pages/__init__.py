"""The pages of the local stack: a link to them, a browser, and pictures."""
