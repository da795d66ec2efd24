"""`make bench`: measures Budget Monitor beside its goals and writes docs/performance.md.

Each section is one module with a function `measured(rounds)`, which returns plain JSON data. It
runs in a process of its own, so that no section changes what another one measures. Nothing here
runs on AWS: the database is the strict in-memory DynamoDB of the tests, or a local emulator.
"""
