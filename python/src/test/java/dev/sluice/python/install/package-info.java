@NullMarked
package dev.sluice.python.install;

import org.jspecify.annotations.NullMarked;
