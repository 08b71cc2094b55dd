/** The front door: {@link org.oz4j.Oz}, what it returns, what it throws and what it reports. */
@NullMarked
package org.oz4j;

import org.jspecify.annotations.NullMarked;
