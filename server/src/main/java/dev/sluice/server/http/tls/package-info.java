/** TLS: certificates and keys, who gets which, and what is agreed on with a client. */
@NullMarked
package dev.sluice.server.http.tls;

import org.jspecify.annotations.NullMarked;
