"""Writes drift.json: pairs of samples with the two-sample Kolmogorov-Smirnov test of SciPy.

    python3 -m venv .venv && .venv/bin/pip install scipy==1.17.1
    .venv/bin/python shared/maintenance/tests/golden/drift.py
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import ks_2samp

SEED = 20260301

# Larger samples are not written out: value i is (i * step) mod modulus, plus shift.
LARGE = [
    {"recent": {"count": 2000, "step": 7919, "modulus": 10007, "shift": 0},
     "preceding": {"count": 1999, "step": 104729, "modulus": 10007, "shift": 300}},
    {"recent": {"count": 10000, "step": 7919, "modulus": 10007, "shift": 0},
     "preceding": {"count": 9973, "step": 104729, "modulus": 10007, "shift": 150}},
    {"recent": {"count": 10000, "step": 7919, "modulus": 997, "shift": 0},
     "preceding": {"count": 10000, "step": 104729, "modulus": 1009, "shift": 12}},
    {"recent": {"count": 10001, "step": 7919, "modulus": 30011, "shift": 0},
     "preceding": {"count": 10001, "step": 104729, "modulus": 30011, "shift": 350}},
    {"recent": {"count": 15000, "step": 7919, "modulus": 30011, "shift": 0},
     "preceding": {"count": 12000, "step": 104729, "modulus": 30011, "shift": 1000}},
    {"recent": {"count": 40, "step": 7919, "modulus": 30011, "shift": 0},
     "preceding": {"count": 20000, "step": 104729, "modulus": 30011, "shift": 4000}},
    {"recent": {"count": 20000, "step": 7919, "modulus": 30011, "shift": 0},
     "preceding": {"count": 300, "step": 104729, "modulus": 30011, "shift": -800}},
]


def large(recipe: dict[str, int]) -> list[int]:
    return [i * recipe["step"] % recipe["modulus"] + recipe["shift"] for i in range(recipe["count"])]


def samples(rng: np.random.Generator) -> list[tuple[str, np.ndarray, np.ndarray]]:
    normal = lambda count, mean=0.0, width=1.0: rng.normal(mean, width, count).round(4)
    return [
        ("one against one", normal(1), normal(1)),
        ("apart and tiny", np.arange(3.0), np.arange(5.0) + 10),
        ("equal samples", np.arange(9.0), np.arange(9.0)),
        ("alike, equal counts", normal(30), normal(30)),
        ("alike, counts without a common divisor", normal(37), normal(53)),
        ("alike, one count a multiple of the other", normal(25), normal(150)),
        ("shifted a little", normal(60, 0.4), normal(80)),
        ("shifted, equal counts", normal(100, 0.5), normal(100)),
        ("wider", normal(120, 0.0, 2.0), normal(110)),
        ("far apart", normal(150, 3.0), normal(200)),
        ("wholly apart, p beyond 1e-80", normal(140, 50.0), normal(150, -50.0)),
        ("ties within and across", rng.integers(0, 5, 70).astype(float), rng.integers(0, 6, 90).astype(float)),
        ("a constant against itself", np.full(40, 7.5), np.full(50, 7.5)),
        ("a constant that moved", np.full(40, 7.5), np.full(50, 7.25)),
        ("a switch", rng.binomial(1, 0.3, 45).astype(float), rng.binomial(1, 0.5, 64).astype(float)),
        ("huge, tiny and negative", normal(35) * 1e300, normal(45) * -1e-300),
        ("few against many", normal(8, 0.7), normal(400)),
    ]


def case(name: str, recent: object, preceding: object, x: object, y: object) -> dict[str, object]:
    result = ks_2samp(x, y)
    return {"name": name, "recent": recent, "preceding": preceding, "ks_statistic": float(result.statistic),
            "p_value": float(result.pvalue)}


def main() -> None:
    cases = [case(name, x.tolist(), y.tolist(), x, y) for name, x, y in samples(np.random.default_rng(SEED))]
    cases += [case(f"{p['recent']['count']} against {p['preceding']['count']}", p["recent"], p["preceding"],
                   large(p["recent"]), large(p["preceding"])) for p in LARGE]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    Path(__file__).with_suffix(".json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
