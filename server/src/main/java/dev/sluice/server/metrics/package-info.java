/** What Prometheus is told of the server. */
@NullMarked
package dev.sluice.server.metrics;

import org.jspecify.annotations.NullMarked;
