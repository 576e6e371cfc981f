/** Sluice and Jep, measured in one JMH run. */
@NullMarked
package dev.sluice.benchmarks.embedding;

import org.jspecify.annotations.NullMarked;
