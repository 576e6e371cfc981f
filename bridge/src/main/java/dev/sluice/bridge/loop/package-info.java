/** Netty's part of a loop: sockets, descriptors, sleeping and waking. */
@NullMarked
package dev.sluice.bridge.loop;

import org.jspecify.annotations.NullMarked;
