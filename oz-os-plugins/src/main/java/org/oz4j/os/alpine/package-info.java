/** Alpine Linux, installed by its own scripts with an answer file. */
@NullMarked
package org.oz4j.os.alpine;

import org.jspecify.annotations.NullMarked;
