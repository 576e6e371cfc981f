/** HTTP/1.0 and HTTP/1.1: from bytes to exchanges and back. */
@NullMarked
package dev.sluice.server.http.h1;

import org.jspecify.annotations.NullMarked;
