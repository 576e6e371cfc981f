/**
 * Static files: paths below a prefix answered from a folder, without Python. Knows sockets as
 * little as Python; see {@link dev.sluice.server.files.StaticFiles}.
 */
@NullMarked
package dev.sluice.server.files;

import org.jspecify.annotations.NullMarked;
