/**
 * Java objects in Python: types for Java's classes, calls from Python into Java, and exceptions
 * that keep their identity on the way.
 *
 * <p>Everything here belongs to one interpreter and runs on threads that hold its GIL, unless a
 * class says otherwise.
 */
@NullMarked
package dev.sluice.python.exposed;

import org.jspecify.annotations.NullMarked;
