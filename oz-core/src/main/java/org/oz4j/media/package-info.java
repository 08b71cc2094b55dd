/** Install media: fetched, verified, cached, read and made. */
@NullMarked
package org.oz4j.media;

import org.jspecify.annotations.NullMarked;
