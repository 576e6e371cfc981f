/**
 * What lies between the wire and the protocols of Python: one request and its response, without
 * sockets and without Python.
 */
@NullMarked
package dev.sluice.server.exchange;

import org.jspecify.annotations.NullMarked;
