/** Reaching a running guest by ssh. */
@NullMarked
package org.oz4j.remote;

import org.jspecify.annotations.NullMarked;
