/** Stands for a user's Java code. */
@NullMarked
package example;

import org.jspecify.annotations.NullMarked;
