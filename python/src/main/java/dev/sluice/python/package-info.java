/**
 * CPython from any Java thread: opened by {@link dev.sluice.python.Python}, loaded into a Java
 * program or joined in a Python program that has started the JVM ({@link
 * dev.sluice.python.PythonOptions#running}).
 */
@NullMarked
package dev.sluice.python;

import org.jspecify.annotations.NullMarked;
