#!/usr/bin/python3
"""Writes sobol_table.c beside itself from the direction numbers that SciPy ships (python3-scipy)."""

import pathlib
import textwrap

import numpy as np
import scipy
import scipy.stats

DIMENSIONS = 1111
MAX_DEGREE = 13
HEADER = f"""\
/* Written by sobol_table.py: direction numbers new-joe-kuo-6 (S. Joe and F. Y. Kuo, Constructing Sobol sequences with
 * better two-dimensional projections, SIAM J. Sci. Comput. 30, 2008), as shipped with SciPy {scipy.__version__}.
 */
#include "math/sobol_table.h"

/* clang-format off */
const hn_sobol_direction hn_sobol_directions[HN_SOBOL_MAX_DIMENSIONS - 1] = {{
"""


def main():
    source = pathlib.Path(scipy.stats.__file__).parent / "_sobol_direction_numbers.npz"
    table = np.load(source)
    rows = []
    for polynomial, initial in zip(table["poly"][1:DIMENSIONS].tolist(), table["vinit"][1:DIMENSIONS].tolist()):
        degree = polynomial.bit_length() - 1
        numbers = initial[:degree]
        assert degree <= MAX_DEGREE
        assert all(m % 2 == 1 and m < 2**i for i, m in enumerate(numbers, 1))
        rows.append(f"{{{polynomial},{{{','.join(map(str, numbers))}}}}},")
    body = textwrap.fill(" ".join(rows), width=110, initial_indent="  ", subsequent_indent="  ")
    target = pathlib.Path(__file__).with_name("sobol_table.c")
    target.write_text(f"{HEADER}{body}\n}};\n/* clang-format on */\n")


if __name__ == "__main__":
    main()
