/** Who may speak for others: trusted proxies, and what their headers say of the client. */
@NullMarked
package dev.sluice.server.proxies;

import org.jspecify.annotations.NullMarked;
