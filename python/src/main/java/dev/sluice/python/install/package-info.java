/**
 * Finding a Python to load: the embedded one, a virtual environment's, or any other on this
 * machine; and what must be known of it before it is loaded. Nothing here loads a library.
 */
@NullMarked
package dev.sluice.python.install;

import org.jspecify.annotations.NullMarked;
