package dev.sluice.python;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a Java method that Python may call without giving the GIL back: it is short, and neither
 * blocks nor waits for a lock that somebody holds who waits for the GIL.
 *
 * <p>Such a call takes about a third of the time. A method that takes an {@link Attached} keeps the
 * GIL in any case.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.CONSTRUCTOR})
public @interface KeepGil {}
