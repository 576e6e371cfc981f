/** PEP 3333: the environ, start_response, write, and the threads that call the application. */
@NullMarked
package dev.sluice.server.wsgi;

import org.jspecify.annotations.NullMarked;
