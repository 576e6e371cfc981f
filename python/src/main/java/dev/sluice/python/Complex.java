package dev.sluice.python;

/** Python's complex. */
public record Complex(double real, double imaginary) {}
