package dev.sluice.python;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an {@link AutoCloseable} class whose objects are closed when Python has dropped them: for
 * those that run a thread, or hold what no collector gives back.
 *
 * <p>{@code close} runs soon after, on the thread {@code sluice-closer}, without the GIL: it may
 * wait for threads that need the GIL to end. An object that Java code uses further should not be
 * marked.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface CloseOnDrop {}
