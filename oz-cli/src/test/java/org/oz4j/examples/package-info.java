/** Programs of the documentation, compiled as they are shown. */
@NullMarked
package org.oz4j.examples;

import org.jspecify.annotations.NullMarked;
