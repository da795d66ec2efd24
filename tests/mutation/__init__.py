"""`make mutate`: how many changes of the rules about money would no test notice?

    workshop.py      the copy of the project in which modules are mutated
    runner.py        tests each mutant in a forked process, inside that copy
    results.py       what became of each mutant, kept from one run to the next
    survivors.toml   the mutants that no test kills, each with the reason
    __main__.py      one run, its table in docs/mutation.md, and when it fails

Kill a survivor by a test in tests/unit/<capability>/test_<module>.py whose name says the rule.
Give a reason only to a mutant that behaves like the original, or whose difference no caller
should rely on.
"""
