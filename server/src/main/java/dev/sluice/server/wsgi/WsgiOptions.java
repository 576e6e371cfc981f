package dev.sluice.server.wsgi;

import java.time.Duration;
import java.util.function.LongConsumer;

/**
 * How an application is called; immutable, any thread.
 *
 * @param threads the most workers
 * @param queueLimit the most requests that wait for a worker
 * @param requestTimeout how long a request may take, the time in the queue included; zero for any
 * @param queueWait is told how long each request has waited, in nanoseconds, on a worker
 * @param gilWait is told how long a worker has waited for the GIL, in nanoseconds, on the worker
 */
public record WsgiOptions(
    int threads,
    int queueLimit,
    Duration requestTimeout,
    LongConsumer queueWait,
    LongConsumer gilWait) {}
