/** The files of disk images, by way of libguestfs; nothing of it or of JNA leaves this package. */
@NullMarked
package org.oz4j.disk.guestfs;

import org.jspecify.annotations.NullMarked;
