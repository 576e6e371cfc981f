/** What the suites share: the product as a child process, a plain HTTP client, gates, Pythons. */
@NullMarked
package dev.sluice.conformance.harness;

import org.jspecify.annotations.NullMarked;
