/** Notices that an application's sources have changed. */
@NullMarked
package dev.sluice.server.reload;

import org.jspecify.annotations.NullMarked;
