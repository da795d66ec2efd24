"""Parts of random requests: forms that the product sends, and invalid ones."""

from __future__ import annotations

NUMBERS = ("0", "1", "-1", "5", "0.000001", "12.50", "007", "1e2", "-2.5E-3", "+3", ".5", "5.")
EDGES = (
    "9" * 38,
    "-" + "9" * 38,
    "0." + "1" * 38,
    "1E-130",
    "9.9E+125",
    "12345678901234567890.123456789012345678",
    "1" + "0" * 60,
)
BAD_NUMBERS = ("1" * 39, "0." + "1" * 39, "1E126", "1E-131", "abc", "", " 1", "1_0", "NaN", "0x1")
TEXTS = ("", "a", "ab", "b", "é", "\u00a0x", "z" * 40, "2026-11-22")
BYTES = (b"\x00", b"a", b"\xff\x00")

CONDITIONS = (
    "attribute_not_exists({a})",
    "attribute_exists({a})",
    "attribute_not_exists({a}) OR {a} <= {n}",
    "{a} = {v} AND {b} <> {w}",
    "NOT {a} > {n}",
    "({a} >= {n} OR {b} < {m}) AND attribute_exists(#pk)",
    "attribute_not_exists({i}) OR {i} <= {n}",
    "({i} <= {n} AND {j} >= {m}) OR {i} = {m}",
    "{a} BETWEEN {n} AND {m}",
    "{a} IN ({v}, {w})",
    "begins_with(#q, {s})",
    "contains({a}, {v})",
    "size({a}) > {k}",
    "attribute_type({a}, {t})",
    "{a} <> {b}",
    "{a} < {b}",
    "#e >= {m} OR #e <= {n}",
    "#d.#x = {v}",
    "#l[0] = {v} OR attribute_not_exists(#l[1])",
)
UPDATES = (
    "SET {a} = {v}",
    "SET {a} = {v}, {b} = {w}",
    "SET {a} = {b}",
    "SET {i} = {i} + {n}",
    "SET {i} = if_not_exists({i}, {n}) + {m}",
    "SET {i} = if_not_exists({j}, {n}) - {m}, {b} = {v}",
    "SET {i} = (if_not_exists({i}, {n})) + {m}",
    "SET #l = list_append(if_not_exists(#l, {e}), {e})",
    "SET #d.#x = {v}",
    "SET #l[0] = {v}",
    "ADD {a} {n}",
    "ADD {a} {n}, {b} {m}",
    "ADD {i} {n}, {j} {m}",
    "ADD {a} {g}",
    "DELETE {a} {g}",
    "REMOVE {a}",
    "REMOVE {a}, {b}",
    "SET {a} = {v} REMOVE {b} ADD #c {n}",
)
BROKEN = (
    "SET a = :missing",
    "SET #missing = {v}",
)
KINDS = ("S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL")
