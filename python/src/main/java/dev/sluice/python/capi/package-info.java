/**
 * The one door to native code: functions of libpython, linked once, with objects as plain
 * addresses.
 *
 * <p>Each class mirrors a part of CPython's C API under its own names. A {@code long} that stands
 * for an object is a {@code PyObject*}; whether it is a new or a borrowed reference is what CPython
 * documents for the function of that name. Nothing here checks that the calling thread is attached:
 * that is the callers' duty, and {@link dev.sluice.python.Attached} is how they prove it.
 */
@NullMarked
package dev.sluice.python.capi;

import org.jspecify.annotations.NullMarked;
