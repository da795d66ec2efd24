"""`make mutate`: how many changes of the rules about money would no test notice?

    workshop.py      the copy of the project in which mutmut works, and its settings
    results.py       what became of each mutant
    survivors.toml   those that no test kills, each with the reason
    __main__.py      one run, its table in docs/mutation.md, and when it fails

Kill a survivor by a sentence of the business in tests/unit/test_mutants_*.py. Only what cannot be
told from the original by anybody, or what nobody should rely on, gets a reason instead.
"""
