/** Disk images: created, inspected and published. */
@NullMarked
package org.oz4j.disk;

import org.jspecify.annotations.NullMarked;
