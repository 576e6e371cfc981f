/** Black-box suites against the running product: only its command line, its output and HTTP. */
@NullMarked
package dev.sluice.conformance;

import org.jspecify.annotations.NullMarked;
