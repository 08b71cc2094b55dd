/** The one door each to the host: starting a process, making a work folder, taking a lock. */
@NullMarked
package org.oz4j.host;

import org.jspecify.annotations.NullMarked;
