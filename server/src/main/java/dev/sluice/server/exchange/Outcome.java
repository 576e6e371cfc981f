package dev.sluice.server.exchange;

/**
 * How a request ended; immutable, any thread.
 *
 * @param status what was answered; 499 if the client was gone before there was an answer
 * @param bytes how many bytes of the response's body were sent, without what frames them
 * @param startNanos when the request's head was read, as {@link System#nanoTime} counts
 * @param nanos how long it took from then to the last byte's being handed to the system
 * @param complete whether the response was sent whole
 */
public record Outcome(int status, long bytes, long startNanos, long nanos, boolean complete) {}
