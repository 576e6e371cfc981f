/** The command line: {@code sluice serve}, {@code run}, {@code pip} and the others. */
@NullMarked
package dev.sluice.cli;

import org.jspecify.annotations.NullMarked;
