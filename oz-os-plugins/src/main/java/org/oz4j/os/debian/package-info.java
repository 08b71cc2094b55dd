/** Debian, installed by its own installer with a preseed file. */
@NullMarked
package org.oz4j.os.debian;

import org.jspecify.annotations.NullMarked;
