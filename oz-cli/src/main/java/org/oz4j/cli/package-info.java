/** The {@code oz} command: thin commands over the library, their output and their exit codes. */
@NullMarked
package org.oz4j.cli;

import org.jspecify.annotations.NullMarked;
