"""Room: grader. Every sentence that the grader says about what it could not read, by code; nothing else holds prose."""

from __future__ import annotations

UNREADABLE: dict[str, str] = {
    "too-long": "This is longer than any number needs to be; round it to the decimals asked for.",
    "too-large": "This is too large to be one of the numbers asked for; check the exponent.",
    "too-small": "This is closer to 0 than a computer can hold; write 0, or check the exponent.",
    "division-by-zero": "A number divided by 0 has no value; write the number itself.",
    "formula": "Write the result instead of a formula, such as 2 instead of =1+1.",
    "not-finite": "NaN and infinity are not numbers to mark; write digits, or leave the cell empty.",
    "other-digits": "Write the number with the digits 0 to 9.",
    "superscript": "Write powers of ten on one line, such as 2e-1 or 2*10^-1, and no raised or lowered digits.",
    "fraction-sign": "Write the fraction with a slash, such as 1/2, or as a decimal, such as 0.5.",
    "percent": "Write the number without a percent sign, such as 0.002 instead of 0.2%.",
    "underscore": "Write the digits without underscores, such as 1000 instead of 1_000.",
    "other-base": "Write the number in base ten, such as 16 instead of 0x10.",
    "two-separators": "Use one decimal sign and no thousands separator, such as 1234.5 or 1234,5.",
    "grouped": "Write the digits together, such as 1234567 instead of 1,234,567 or 1 234 567.",
    "arithmetic": "Work it out and write the result; only a quotient of two whole numbers, such as 1/5, may stay.",
    "not-a-number": "Write one number alone, such as -0.35, without words, units or other signs.",
}
