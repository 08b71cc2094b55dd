/** Windows, installed by its own Setup with {@code winnt.sif} or {@code autounattend.xml}. */
@NullMarked
package org.oz4j.os.windows;

import org.jspecify.annotations.NullMarked;
