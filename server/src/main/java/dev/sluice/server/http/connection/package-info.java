/** What connections have in common, whatever protocol they speak. */
@NullMarked
package dev.sluice.server.http.connection;

import org.jspecify.annotations.NullMarked;
