"""The embedded environment: an emulated AWS, the deployed template, and a real trace replayed."""
