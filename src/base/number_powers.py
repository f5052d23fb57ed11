#!/usr/bin/python3
"""Writes number_powers.c: the powers of ten that number.c multiplies by, after Lemire, "Number parsing at a gigabyte per
second" (2021), section 5: the upper 128 bits of 5^q. Reciprocals of powers that fit 64 bits are rounded up, so that exact quotients are
recognised."""

LOWEST, HIGHEST = -80, 80


def significand(q):
    if q >= 0:
        power = 5**q
        bits = power.bit_length()
        return power << 128 - bits if bits <= 128 else power >> bits - 128
    power = 5**-q
    value = (1 << power.bit_length() + 127) // power
    return value + 1 if power < 1 << 64 else value


def main():
    print("/* number_powers.c: made by number_powers.py; do not edit. */")
    print('#include "base/number_powers.h"\n\n/* clang-format off */')
    print("const hn_power hn_powers[HN_HIGHEST_POWER - HN_LOWEST_POWER + 1] = {")
    for q in range(LOWEST, HIGHEST + 1):
        value = significand(q)
        print(f"    {{0x{value >> 64:016x}, 0x{value & (1 << 64) - 1:016x}}}, /* {q} */")
    print("};")


main()
