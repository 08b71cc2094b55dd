/** Package managers, by family, for the plugins of the systems that have them. */
@NullMarked
package org.oz4j.os.packages;

import org.jspecify.annotations.NullMarked;
