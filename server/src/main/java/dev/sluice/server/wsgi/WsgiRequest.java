package dev.sluice.server.wsgi;

import dev.sluice.server.exchange.Exchange;

/** A request that is ready for the application. */
record WsgiRequest(Exchange exchange, Environ environ) {}
