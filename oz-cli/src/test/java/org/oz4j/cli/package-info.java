/** Tests of the command line. */
@NullMarked
package org.oz4j.cli;

import org.jspecify.annotations.NullMarked;
