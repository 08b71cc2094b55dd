/** The manifest of an image's packages as XML. */
@NullMarked
package org.oz4j.icicle;

import org.jspecify.annotations.NullMarked;
