/** The installer of Debian, which Ubuntu had until 2020: how it starts, and how a preseed file answers its questions. */
@NullMarked
package org.oz4j.os.preseed;

import org.jspecify.annotations.NullMarked;
