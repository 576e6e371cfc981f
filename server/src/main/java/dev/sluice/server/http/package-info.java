/** HTTP on Netty: everything here runs on the IO threads unless its class says otherwise. */
@NullMarked
package dev.sluice.server.http;

import org.jspecify.annotations.NullMarked;
