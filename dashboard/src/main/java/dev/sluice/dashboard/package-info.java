/** The page that shows who blocks: its server, what it is told, and its files. */
@NullMarked
package dev.sluice.dashboard;

import org.jspecify.annotations.NullMarked;
